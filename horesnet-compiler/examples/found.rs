//! Prints `docs/found.md`, the page of wrong tableaux in published code.
//!
//! ```text
//! cargo run -p horesnet-compiler --example found > docs/found.md
//! ```
//! Orders, conditions and repairs are the compiler's, from the files in `tests/refused/`; only the sources are told here.

use horesnet_compiler::repair::{Change, Kind};
use horesnet_compiler::{Checked, check, library};

/// A file of `tests/refused/`, and what is known of its source.
pub(crate) struct Found {
    pub(crate) file: &'static str,
    pub(crate) text: &'static str,
    code: &'static str,
    story: &'static str,
}

/// An entry with the text of its file.
macro_rules! found {
    ($file:literal, $code:literal, $story:literal) => {
        Found {
            file: $file,
            text: include_str!(concat!("../tests/refused/", $file, ".tab")),
            code: $code,
            story: $story,
        }
    };
}

pub(crate) const FOUND: [Found; 7] = [
    found!(
        "ho_resnet_rk2",
        "HO-ResNet, `RK2Block`",
        "The second stage reads `0.666666 * shortcut`, a multiple of the block's input, without `k₁`. No Runge–Kutta stage does\n\
         that, so a tableau can only say that it does not use `k₁`: entry and node are 0. Ralston's method, whose weights the\n\
         block has, reads `x + 2/3·k₁` there."
    ),
    found!(
        "ho_resnet_gill4",
        "HO-ResNet, `Gill4Block`",
        "Gill's coefficients contain √2, and the code has decimals of three to six digits. Taken as they are, they have no\n\
         order, by a small margin: the weights sum to 0.999964. With the numbers that they stand for, the order is 4."
    ),
    found!(
        "ho_resnet_kutta_nystrom5",
        "HO-ResNet, `KuttaNys56Block`",
        "The output has `125 * k2`, and the method 125·k₃, both over 192."
    ),
    found!(
        "ho_resnet_huta6",
        "HO-ResNet, `Huta68Block`",
        "A weight is 24/840, and in the method 27/840."
    ),
    found!(
        "ho_resnet_verner8",
        "HO-ResNet, `Verner89Block`",
        "Four numbers differ from Verner's method: the sign of the weight of `k₈`, and the entries (6, 1), (12, 7) and (12, 10).\n\
         Row 12 sums to 1283, and the weights to 1.3857. The other decimals round the method's numbers. No single change is\n\
         enough, so the repair is the bundled scheme `verner8`."
    ),
    found!(
        "diffeqdevtools_cash_karp5",
        "DiffEqDevTools.jl, Cash–Karp",
        "The propagated weights, of order 5, are right. The third of the embedded weights, which only estimate the error, is\n\
         18574/48384 in place of 18575/48384. The pull request corrected another number of this tableau, and a comment of its\n\
         author there names this one."
    ),
    found!(
        "netket_rk4",
        "NetKet, `RK4`",
        "The last entry of the matrix is 1 in place of 0. The issue reported it, and [pull request\n\
         1057](https://github.com/netket/netket/pull/1057) corrected it. The pull request notes that NetKet's solver reads only\n\
         the entries below the diagonal, so its results were right; as a tableau, the scheme is implicit and has order 1."
    ),
];

const HEAD: &str = "\
<!-- Written by `cargo run -p horesnet-compiler --example found > docs/found.md`. -->

# Wrong tableaux in published code

Coefficients are copied by hand. `horesnet check` proves that these tableaux from published code do not have the orders that
they claim. Values are exact, and with the repair, which `horesnet repair` finds, every claim is proven.

";

const TAIL: &str = "
The sources, as read for this page:

- HO-ResNet: [`HO-ResNet.py`](https://github.com/zlannnn/HO-ResNet/blob/262c243d1c4f8396fe7ef403d5f2b2e5f7fc9ffe/HO-ResNet.py)
  of zlannnn/HO-ResNet. Its classes claim an order by their names: `Huta68Block` is Huta's method of order 6 with 8 stages.
  [published.md](published.md) compares all of them.
- DiffEqDevTools.jl: [pull request 23](https://github.com/SciML/DiffEqDevTools.jl/pull/23) of SciML/DiffEqDevTools.jl.
- NetKet: [issue 1056](https://github.com/netket/netket/issues/1056) of netket/netket.

The tableaux are in [`horesnet-compiler/tests/refused/`](../horesnet-compiler/tests/refused), and
`horesnet-compiler/tests/found.rs` checks each row of the table. `horesnet check` and `horesnet repair` print the same of a
file; `ho_block!` does not compile it.
";

const TABLE: &str = "\
| code | claims | proven | first condition that fails | repair | then proven |
|---|---|---|---|---|---|
";

/// The page.
pub(crate) fn page() -> String {
    let told = FOUND.iter().filter_map(|found| {
        let checked = check(found.text, None).ok()?;
        Some((row(found, &checked), section(found, &checked)))
    });
    let (rows, sections): (Vec<_>, Vec<_>) = told.unzip();
    [HEAD, TABLE, &rows.concat(), TAIL, &sections.concat()].concat()
}

/// A row of the table.
fn row(found: &Found, checked: &Checked) -> String {
    let code = found.code;
    let (repair, repaired) = repaired(checked, found.text);
    let rows = &checked.verdict.weights;
    let failure = rows.iter().find(|row| !row.holds());
    let failure = failure.and_then(|row| row.first_failure.as_ref());
    let failure = failure.map_or_else(String::new, |failure| {
        let (condition, value) = (&failure.condition, &failure.found);
        format!("{condition} = {value}, expected {}", failure.expected)
    });
    let claimed = orders(rows.iter().filter_map(|row| row.claimed));
    let proven = orders(rows.iter().map(|row| row.order));
    let then = orders(repaired.verdict.weights.iter().map(|row| row.order));
    let link = anchor(code);
    format!("| [{code}](#{link}) | {claimed} | {proven} | {failure} | {repair} | {then} |\n")
}

/// The story of a tableau, and what the compiler says of it.
fn section(found: &Found, checked: &Checked) -> String {
    let file = format!("{}.tab", found.file);
    let problems = checked.problems.iter();
    let messages: Vec<_> = problems
        .map(|problem| problem.render(&file, found.text))
        .collect();
    let (code, story, messages) = (found.code, found.story, messages.join("\n\n"));
    format!("\n## {code}\n\n{story}\n\n```text\n{messages}\n```\n")
}

/// The likeliest change of coefficients and the tableau with it, or the nearest bundled scheme if no single change is enough.
pub(crate) fn repaired(checked: &Checked, text: &str) -> (String, Checked) {
    let repair = checked.repair.as_ref();
    let changes = repair.into_iter().flat_map(|repair| &repair.changes);
    let is_number = |change: &&Change| !matches!(change.kind, Kind::Claim | Kind::Rounded);
    let change = { changes }.find(is_number);
    let nearest = repair.and_then(|repair| repair.nearest.as_ref());
    let (described, text) = match (change, nearest) {
        (Some(change), _) => (brief(change), change.apply(text)),
        (None, Some(nearest)) => (
            format!(
                "`{}`, from which it differs in {} numbers",
                nearest.name,
                nearest.differences.len()
            ),
            library::find(nearest.name)
                .map_or("", |scheme| scheme.text)
                .to_owned(),
        ),
        (None, None) => (String::new(), text.to_owned()),
    };
    let repaired = check(&text, None).unwrap_or_else(|_| checked.clone());
    (described, repaired)
}

/// A change in one line.
fn brief(change: &Change) -> String {
    match (change.kind, change.edits.as_slice()) {
        (Kind::Decimals, [edit, rest @ ..]) => format!(
            "{} decimals should be the numbers that they stand for, such as {} for {} in {}",
            rest.len() + 1,
            edit.to,
            edit.from,
            edit.place
        ),
        _ => change.to_string(),
    }
}

/// Orders of the propagated weights and the embedded ones: `5(4)`.
fn orders(orders: impl Iterator<Item = usize>) -> String {
    let orders: Vec<_> = orders.map(|order| order.to_string()).collect();
    match orders.as_slice() {
        [order, embedded] => format!("{order}({embedded})"),
        orders => orders.join(", "),
    }
}

/// The link to a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[allow(dead_code, reason = "the tests call `page`")]
fn main() {
    print!("{}", page());
}
