//! A list of figures in both of its forms: sections of aligned lines, and an object of JSON.
//!
//! In JSON, unknown figures are null, with the reason in `not_computed`; what is unbounded is the string `infinite`.

use serde_core::Serialize;
use serde_json::{Map, Value, json};

use super::formula::wrapped;
use crate::analysis::Figure;

/// The lines of the table: the key of a figure, its label and its meaning. A figure without a line is for JSON only.
#[rustfmt::skip]
const LINES: &[(&str, &str, &str)] = &[
    ("order", "order", "proven over all rooted trees"),
    ("unproven", "order", ""),
    ("embedded_orders", "embedded order", "of the other weights rows"),
    ("effective_order", "effective order", "of the best conjugate scheme, decided up to 5"),
    ("stage_order", "stage order", "the order inside the stages, and that on stiff problems"),
    ("simplifying_assumptions", "simplifying", "Butcher's assumptions, the largest arguments that hold"),
    ("principal_error_norm", "principal error norm", "residuals of the next order over symmetry, 2-norm"),
    ("principal_error_max", "principal error max", "the largest of them"),
    ("embedded_error_norm", "  of an embedded row", "residuals of the next order over symmetry, 2-norm"),
    ("embedded_error_max", "  its maximum", "the largest of them"),
    ("dispersion_order", "dispersion order", "y - arg R(iy) = O(y^(q+1)): the phase of oscillations"),
    ("dissipation_order", "dissipation order", "1 - |R(iy)| = O(y^(d+1)): their amplitude"),
    ("stability_function", "R(z)", ""),
    ("real_stability_interval", "real interval", "|R| ≤ 1 on the real axis down to here, then not"),
    ("imaginary_stability_interval", "imaginary interval", "|R| ≤ 1 on the imaginary axis up to here, then not"),
    ("a_stable", "A-stable", "|R| ≤ 1 on the whole left half-plane"),
    ("l_stable", "L-stable", "and R(∞) = 0"),
    ("sector_angle", "A(α)-stable", "|R| ≤ 1 in the sector |arg(-z)| ≤ α, rounded down"),
    ("stability_certainty", "certainty", "of the stability; what is open says so"),
    ("embedded_real", "  of an embedded row", "its real interval"),
    ("embedded_imaginary", "  and the imaginary", "its imaginary interval"),
    ("embedded_a_stable", "  A-stable", "its A-stability"),
    ("embedded_l_stable", "  L-stable", "its L-stability"),
    ("algebraically_stable", "algebraically stable", "b ≥ 0 and BA + AᵀB - bbᵀ positive semidefinite"),
    ("internal_real_interval", "internal interval", "|R| ≤ 1 for every stage on the real axis down to here"),
    ("internal_limit", "internal limit", "max |R(∞)| of the stages"),
    ("ssp_coefficient", "SSP coefficient", "the step that keeps what Euler steps of size 1 keep"),
    ("ssp_of_rounded", "SSP coefficient", "of the coefficients as written: their rounding may show in the last digits"),
    ("fsal", "FSAL", "the last stage is the next step's first"),
    ("stiffly_accurate", "stiffly accurate", "the last stage is the result"),
    ("unused_stages", "unused stages", "no weights reach them (DJ-reducible)"),
    ("equivalent_stages", "equivalent stages", "always equal (HS-reducible)"),
    ("confluent_nodes", "confluent nodes", "stages at the same node"),
    ("low_storage", "2N low storage", "a form in two registers (Williamson)"),
    ("low_storage_a", "  A", ""),
    ("low_storage_b", "  B", ""),
    ("stages", "stages", "that the propagated weights need"),
    ("live_tensors", "live tensors", "stage values held at once by the block"),
    ("without_last_use", "  all kept", "without dropping values after their last use"),
    ("without_dead_stages", "  all stages", "without leaving out stages that do not matter"),
    ("without_either", "  neither", "all stages computed and kept"),
    ("max_abs_coefficient", "largest coefficient", "of these stages and the weights"),
    ("max_row_norm", "largest row norm", "how much a combination can amplify its stages"),
    ("parameters", "parameter", "its default, which the figures above are of, and its interval"),
    ("special_orders", "higher order", ""),
    ("special_weights", "weights of 0", ""),
    ("special_stages", "fewer stages", ""),
];

/// Figures, in the order in which they were added.
#[derive(Debug, Default)]
pub struct List {
    text: String,
    object: Map<String, Value>,
    not_computed: Map<String, Value>,
    /// Keys of figures that are for JSON only.
    hidden: Vec<&'static str>,
    /// True if long numbers are shown exactly.
    pub(super) exact: bool,
}

impl List {
    pub(super) fn new(hidden: &[&'static str]) -> Self {
        Self {
            hidden: hidden.to_vec(),
            ..Self::default()
        }
    }

    pub(super) fn hide(&mut self, key: &'static str) {
        self.hidden.push(key);
    }

    pub(super) fn section(&mut self, title: &str) {
        self.text += title;
        self.text.push('\n');
    }

    /// Adds the line of a figure to the table, if it has one.
    pub(super) fn row(&mut self, key: &str, value: &str) {
        let mut lines = LINES.iter().filter(|(of, ..)| *of == key);
        let line = lines.find(|(of, ..)| !self.hidden.contains(of));
        let line = match line {
            None => return,
            // A value without a meaning may be long.
            Some((_, label, "")) => format!("  {label:<22}{}", wrapped(value)),
            Some((_, label, meaning)) => format!("  {label:<22}{value:<34}  {meaning}"),
        };
        self.text += line.trim_end();
        self.text.push('\n');
    }

    /// Adds a value to the object.
    pub fn put(&mut self, key: &str, value: impl Serialize) {
        self.object.insert(key.to_owned(), json!(value));
    }

    /// Adds a figure to both, or the reason why it is unknown.
    pub(super) fn figure_as<T, V: Serialize>(
        &mut self,
        key: &str,
        figure: &Figure<T>,
        value: impl FnOnce(&T) -> V,
        text: impl FnOnce(&T) -> String,
    ) {
        match figure {
            Ok(figure) => {
                self.row(key, &text(figure));
                self.put(key, value(figure));
            }
            Err(why) => {
                let why = why.to_string();
                // What would decide it is in the object and the docs.
                self.row(key, why.split(';').next().unwrap_or_default());
                self.put(key, Value::Null);
                self.not_computed.insert(key.to_owned(), json!(why));
            }
        }
    }

    /// A figure whose text follows from its value.
    pub(super) fn figure<T, V: Serialize>(
        &mut self,
        key: &str,
        figure: &Figure<T>,
        value: impl Fn(&T) -> V,
    ) {
        let text = |figure: &T| match json!(value(figure)) {
            Value::Bool(is) => yes(is).to_owned(),
            Value::Number(number) if number.is_f64() => short(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => text,
            other => other.to_string(),
        };
        self.figure_as(key, figure, &value, text);
    }

    /// A figure that every tableau has.
    pub(super) fn known(&mut self, key: &str, value: impl Serialize) {
        self.figure(key, &Ok(value), |value| json!(value));
    }

    /// The sections of the table.
    #[must_use]
    pub fn text(self) -> String {
        self.text
    }

    /// The object.
    #[must_use]
    pub fn json(mut self) -> Value {
        let not_computed = std::mem::take(&mut self.not_computed);
        self.put("not_computed", Value::Object(not_computed));
        Value::Object(self.object)
    }
}

pub(super) fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

pub(super) fn real(value: f64) -> Value {
    if value.is_infinite() {
        json!("infinite")
    } else {
        json!(value)
    }
}

/// To eight significant digits.
pub(super) fn short(value: f64) -> String {
    if value.is_infinite() {
        return "infinite".to_owned();
    }
    if value != 0.0 && !(1e-3..1e7).contains(&value.abs()) {
        return format!("{value:.7e}");
    }
    let places = 7 - value.abs().max(1e-3).log10().floor() as i32;
    let text = format!("{value:.*}", places.max(0) as usize);
    if text.contains('.') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::LINES;
    use crate::analysis::{Analysis, SpecialValues};
    use crate::{check, library, report};

    #[test]
    fn every_line_of_the_table_is_shown_for_some_scheme() {
        let bundled = ["dopri5", "carpenter_kennedy4", "two_stage2"]
            .map(|name| library::find(name).unwrap().text);
        let implicit = "1 | 1\n---\norder 1 | 1\n| 2\n";
        let rounded = format!("rounded 5e-9\n{implicit}");
        let texts = bundled.into_iter().chain([implicit, rounded.as_str()]);
        let shown: String = texts
            .map(|text| {
                let checked = check(text, None).unwrap();
                let analysis = Analysis::of(&checked.tableau, &checked.verdict);
                let mut list = report::figures(&checked.tableau, &analysis, false);
                if let Some(family) = &checked.family {
                    let special = SpecialValues::of(family, &checked.tableau, &checked.verdict);
                    report::family(&mut list, family, &special);
                }
                list.text()
            })
            .collect();
        for (key, label, meaning) in LINES {
            let line =
                |line: &str| line.starts_with(&format!("  {label} ")) && line.ends_with(meaning);
            assert!(shown.lines().any(line), "{key} in\n{shown}");
        }
    }
}
