//! Draws the wiring of a block: its tableau as a circuit.
//!
//! Stages stand on the diagonal. The output of a stage runs down its rail; its input comes along its row, from `x` and
//! from the rails where the row has a dot. Dots therefore stand where the tableau has its numbers, each label has the
//! space between two rails to itself, and no two labels can touch.

use horesnet_compiler::number::Number;
use horesnet_compiler::plan::{Plan, Term};

use horesnet_train::drawing::lettering::{self, Face};
use horesnet_train::drawing::{Drawing, GREY, INK, PALETTE, Path, Point, Step, Style, Text, WHITE};

use super::coefficient;

const RAIL: &str = PALETTE[0];
const MINUS: &str = PALETTE[1];

const LEFT: f64 = 34.0;
const RIGHT: f64 = 26.0;
/// The first row below a title, and without one.
const FIRST: f64 = 112.0;
const BARE_FIRST: f64 = 64.0;
/// From row to row, and from the last stage to the output.
const ROW: f64 = 44.0;
const OUTPUT: f64 = 54.0;
/// From the output to the lower edge.
const BOTTOM: f64 = 62.0;
/// Least distance of two rails: a sum, its arrow, a stage, and air.
const COLUMN: f64 = 94.0;
/// Right of the last rail that a row can use: the centre of its sum, the tip of its arrow.
const SUM: f64 = 20.0;
const TIP: f64 = 45.0;
const RADIUS: f64 = 8.0;
const STAGE: Point = (36.0, 28.0);
const CORNER: f64 = 7.0;
const DOT: f64 = 4.0;
const NUMBERS: f64 = 12.0;
const KEY: f64 = 12.0;

/// The positions of rails and rows.
struct Layout {
    /// The rail of `x`, then that of each stage.
    rails: Vec<f64>,
    /// The row of each stage, then that of the output.
    rows: Vec<f64>,
}

/// Draws the stages that matter for the propagated weights, with every coefficient that is not zero; the title only if `shown`.
pub(crate) fn draw(name: &str, about: &str, plan: &Plan, shown: bool) -> Drawing {
    let stages = &plan.stages;
    let rows = stages.iter().map(|stage| stage.terms.as_slice());
    let rows: Vec<&[Term]> = rows.chain([plan.weights.as_slice()]).collect();
    let layout = Layout::new(&rows, if shown { FIRST } else { BARE_FIRST });
    let (last, output) = (layout.rail(stages.len()), layout.row(stages.len()));
    let end = last + TIP + 14.0;
    let title = format!("Wiring of {}", lettering::shortened(name, 48));
    let about = format!("{about}: {FORMULA}");
    let mut drawing = Drawing::default();
    let heading = super::heading(&mut drawing, (LEFT, 28.0), title, shown.then_some(about));
    rails(&mut drawing, &layout, &rows);
    for (row, terms) in rows.iter().enumerate() {
        line(&mut drawing, &layout, row, terms);
        dots(&mut drawing, &layout, row, terms);
    }
    for (at, stage) in stages.iter().enumerate() {
        stage_box(&mut drawing, &layout, at, stage.number);
    }
    drawing.text(Text::new((layout.rail(0), layout.row(0) - 34.0), "x", 15.0).centred());
    drawing.text(Text::new((end, output + 4.5), "y", 15.0).centred());
    let key = key(&mut drawing, &rows, (LEFT, output + 40.0));
    drawing.width = (end + 6.0).max(LEFT + heading.max(key)) + RIGHT;
    drawing.height = output + BOTTOM;
    drawing
}

/// The formula of a step.
const FORMULA: &str = "y = x + h Σ bᵢkᵢ,  kᵢ = Fᵢ(x + h Σ aᵢⱼkⱼ)";

impl Layout {
    /// Columns as wide as their widest number.
    fn new(rows: &[&[Term]], first: f64) -> Self {
        let stages = rows.len().saturating_sub(1);
        let mut widths = vec![COLUMN; stages];
        for term in rows.iter().copied().flatten() {
            let label = coefficient::label(&term.coefficient, stages);
            let width = lettering::width(&label, Face::Regular, NUMBERS) + 14.0;
            if let Some(widest) = widths.get_mut(term.stage) {
                *widest = widest.max(width);
            }
        }
        let mut rails = vec![LEFT + 6.0];
        for width in widths {
            rails.push(rails.last().copied().unwrap_or(LEFT) + width);
        }
        let height = |row: usize| {
            let gap = if row == stages { OUTPUT - ROW } else { 0.0 };
            first + ROW * row as f64 + gap
        };
        Self {
            rails,
            rows: (0..=stages).map(height).collect(),
        }
    }

    /// The rail of `x`, or of what the stage before has given.
    fn rail(&self, at: usize) -> f64 {
        self.rails.get(at).copied().unwrap_or(LEFT)
    }

    fn row(&self, at: usize) -> f64 {
        self.rows.get(at).copied().unwrap_or(FIRST)
    }

    /// The centre of the sum of a row, right of the last rail that the row can use.
    fn sum(&self, row: usize) -> Point {
        (self.rail(row) + SUM, self.row(row))
    }
}

/// Draws the rails, each from where it begins to the last row that uses it.
fn rails(drawing: &mut Drawing, layout: &Layout, rows: &[&[Term]]) {
    let (x, output) = (layout.rail(0), layout.row(rows.len() - 1));
    let input = Path(vec![
        Step::Move((x, layout.row(0) - 26.0)),
        Step::Line((x, output - CORNER)),
        Step::Bend((x, output), (x + CORNER, output)),
    ]);
    drawing.path(&input, Style::line(INK, 1.5));
    for at in 0..rows.len() - 1 {
        let uses = |terms: &&[Term]| terms.iter().any(|term| term.stage == at);
        let (x, top) = (layout.rail(at + 1), layout.row(at));
        let end = layout.row(rows.iter().rposition(uses).unwrap_or(at));
        let rail = Path(vec![
            Step::Move((layout.rail(at) + TIP + STAGE.0, top)),
            Step::Line((x - CORNER, top)),
            Step::Bend((x, top), (x, top + CORNER)),
            Step::Line((x, end)),
        ]);
        drawing.path(&rail, Style::line(RAIL, 1.6));
    }
}

/// Draws a row from the rail of `x` to its stage or the output, over the rails that it does not use.
fn line(drawing: &mut Drawing, layout: &Layout, row: usize, terms: &[Term]) {
    let ink = Style::line(INK, 1.5);
    let (sum, y) = (layout.sum(row), layout.row(row));
    let is_output = row + 1 == layout.rows.len();
    let start = layout.rail(0) + if is_output { CORNER } else { 0.0 };
    let end = layout.rail(row) + TIP;
    let whole = |from| Path::through([(from, y), (end - 5.0, y)]);
    drawing.path(&whole(start + 4.0), Style::line(WHITE, 6.0));
    drawing.path(&whole(start), ink);
    let tip = [(end - 8.0, y - 4.0), (end, y), (end - 8.0, y + 4.0)];
    drawing.path(&Path::around(tip), Style::filled(INK));
    if !is_output {
        drawing.circle((start, y), 3.0, Style::filled(INK));
    }
    if !terms.is_empty() {
        drawing.circle(sum, RADIUS, ink.over(WHITE));
        drawing.path(&Path::through([(sum.0 - 4.5, y), (sum.0 + 4.5, y)]), ink);
        drawing.path(&Path::through([(sum.0, y - 4.5), (sum.0, y + 4.5)]), ink);
    }
}

/// Draws the coefficients of a row, each where its row meets its rail.
fn dots(drawing: &mut Drawing, layout: &Layout, row: usize, terms: &[Term]) {
    let y = layout.row(row);
    for term in terms {
        let x = layout.rail(term.stage + 1);
        let negative = term.coefficient.sign().is_lt();
        let label = coefficient::label(&term.coefficient, layout.rows.len() - 1);
        let colour = if negative { MINUS } else { INK };
        let text = Text::new((x - 6.0, y - 6.0), label, NUMBERS).ending();
        dot(drawing, (x, y), negative);
        drawing.text(text.colour(colour));
    }
}

/// Full, or hollow for a negative coefficient.
fn dot(drawing: &mut Drawing, at: Point, negative: bool) {
    let style = if negative {
        Style::line(MINUS, 1.8).over(WHITE)
    } else {
        Style::filled(RAIL)
    };
    drawing.circle(at, DOT, style);
}

fn stage_box(drawing: &mut Drawing, layout: &Layout, at: usize, number: usize) {
    let (x, y) = (layout.rail(at) + TIP, layout.row(at));
    let style = Style::line(INK, 1.4).over("#e9eef4");
    drawing.rect((x, y - STAGE.1 / 2.0), STAGE, 4.0, style);
    let number = subscript(number);
    let function = Text::new((x + STAGE.0 / 2.0, y + 5.0), format!("F{number}"), 14.0);
    drawing.text(function.centred());
    let value = (layout.rail(at + 1) + 6.0, y + 4.0);
    drawing.text(Text::new(value, format!("k{number}"), 12.5).colour(RAIL));
}

fn subscript(number: usize) -> String {
    let digits = number.to_string();
    let digits = digits.bytes().map(|digit| u32::from(digit - b'0'));
    digits
        .filter_map(|digit| char::from_u32(0x2080 + digit))
        .collect()
}

/// Explains the signs that occur; returns the width.
fn key(drawing: &mut Drawing, rows: &[&[Term]], (left, y): Point) -> f64 {
    let any = |holds: &dyn Fn(&Number) -> bool| {
        let mut terms = rows.iter().copied().flatten();
        terms.any(|term| holds(&term.coefficient))
    };
    let rounded = |number: &Number| coefficient::is_rounded(number, rows.len() - 1);
    let negative = any(&|number| number.sign().is_lt());
    let entries = [
        (true, Some(false), "adds h × its number × k to the row"),
        (negative, Some(true), "the same, negative"),
        (any(&rounded), None, "decimals are rounded to three digits"),
    ];
    let mut x = left;
    for (_, sign, words) in entries.into_iter().filter(|&(occurs, ..)| occurs) {
        if let Some(negative) = sign {
            dot(drawing, (x + DOT, y), negative);
            x += 14.0;
        }
        drawing.text(Text::new((x, y + 4.0), words, KEY).colour(GREY));
        x += lettering::width(words, Face::Regular, KEY) + 24.0;
    }
    x - 24.0 - left
}
