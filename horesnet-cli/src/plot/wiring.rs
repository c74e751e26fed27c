//! The picture of a block's wiring: its tableau drawn as a circuit.
//!
//! Stages stand on the diagonal. What a stage gives runs down its rail; what a stage takes comes along its row, from `x`
//! and from the rails it has a dot with. A dot therefore stands where the tableau has its number, and no two labels can
//! meet, however many stages there are: every number has the field between two rails to itself.

use horesnet_compiler::number::Number;
use horesnet_compiler::plan::{Plan, Term};

use super::coefficient;
use super::drawing::{Anchor, Drawing, Face, Path, Point, Shape, Step, Style, Text};
use super::lettering;

const INK: &str = "#222222";
const GREY: &str = "#555555";
const RAIL: &str = "#0072b2";
const MINUS: &str = "#d55e00";

const LEFT: f64 = 34.0;
const RIGHT: f64 = 26.0;
/// The first row.
const FIRST: f64 = 112.0;
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

/// What is drawn.
pub(crate) struct Block<'a> {
    pub(crate) name: &'a str,
    pub(crate) about: String,
    pub(crate) plan: &'a Plan,
}

/// Where rails and rows are.
struct Layout {
    /// The rail of `x`, then that of each stage.
    rails: Vec<f64>,
    /// The row of each stage, then that of the output.
    rows: Vec<f64>,
}

/// Draws the stages that matter for the propagated weights, with every coefficient that is not zero.
pub(crate) fn draw(block: &Block<'_>) -> Drawing {
    let stages = &block.plan.stages;
    let weights = &block.plan.weights;
    let rows: Vec<&[Term]> = stages
        .iter()
        .map(|stage| stage.terms.as_slice())
        .chain([weights.as_slice()])
        .collect();
    let layout = Layout::new(&rows);
    let title = format!("Wiring of {}", lettering::shortened(block.name, 48));
    let about = format!("{}: {FORMULA}", block.about);
    let heading = f64::max(
        lettering::width(&title, Face::Bold, 17.0),
        lettering::width(&about, Face::Regular, 12.5),
    );
    let (last, output) = (layout.rail(stages.len()), layout.row(stages.len()));
    let (key, key_width) = key(&rows, (LEFT, output + 40.0));
    let end = last + TIP + 14.0;
    let mut drawing = Drawing {
        width: (end + 6.0).max(LEFT + heading.max(key_width)) + RIGHT,
        height: output + BOTTOM,
        shapes: vec![
            Shape::Text(Text::new((LEFT, 28.0), title.clone(), 17.0).face(Face::Bold)),
            Shape::Text(Text::new((LEFT, 48.0), about, 12.5).colour(GREY)),
        ],
        title,
        clip: None,
        notes: Vec::new(),
    };
    drawing.shapes.extend(rails(&layout, &rows));
    for (row, terms) in rows.iter().enumerate() {
        drawing.shapes.extend(line(&layout, row, terms));
        drawing.shapes.extend(dots(&layout, row, terms));
    }
    for (at, stage) in stages.iter().enumerate() {
        drawing.shapes.extend(stage_box(&layout, at, stage.number));
    }
    drawing.shapes.push(Shape::Text(name(
        (layout.rail(0), FIRST - 34.0),
        "x".to_owned(),
    )));
    drawing
        .shapes
        .push(Shape::Text(name((end, output + 4.5), "y".to_owned())));
    drawing.shapes.extend(key);
    drawing
}

/// What the picture computes.
const FORMULA: &str = "y = x + h Σ bᵢkᵢ,  kᵢ = Fᵢ(x + h Σ aᵢⱼkⱼ)";

impl Layout {
    /// Columns as wide as their widest number.
    fn new(rows: &[&[Term]]) -> Self {
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
            FIRST + ROW * row as f64 + gap
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

/// The rails, each from where it begins to the last row that uses it.
fn rails(layout: &Layout, rows: &[&[Term]]) -> Vec<Shape> {
    let (x, output) = (layout.rail(0), layout.row(rows.len() - 1));
    let input = Path(vec![
        Step::Move((x, FIRST - 26.0)),
        Step::Line((x, output - CORNER)),
        Step::Bend((x, output), (x + CORNER, output)),
    ]);
    let mut shapes = vec![Shape::Path(input, Style::line(INK, 1.5))];
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
        shapes.push(Shape::Path(rail, Style::line(RAIL, 1.6)));
    }
    shapes
}

/// A row from the rail of `x` to its stage or the output, over the rails that it does not use.
fn line(layout: &Layout, row: usize, terms: &[Term]) -> Vec<Shape> {
    let (sum, y) = (layout.sum(row), layout.row(row));
    let is_output = row + 1 == layout.rows.len();
    let start = layout.rail(0) + if is_output { CORNER } else { 0.0 };
    let end = layout.rail(row) + TIP;
    let whole = |from| Path::through([(from, y), (end - 5.0, y)]);
    let mut shapes = vec![
        Shape::Path(whole(start + 4.0), Style::line("#ffffff", 6.0)),
        Shape::Path(whole(start), Style::line(INK, 1.5)),
        Shape::Path(
            Path::around([(end - 8.0, y - 4.0), (end, y), (end - 8.0, y + 4.0)]),
            Style::filled(INK),
        ),
    ];
    if !is_output {
        shapes.push(Shape::Circle((start, y), 3.0, Style::filled(INK)));
    }
    if !terms.is_empty() {
        let plus = [
            [(sum.0 - 4.5, y), (sum.0 + 4.5, y)],
            [(sum.0, y - 4.5), (sum.0, y + 4.5)],
        ];
        let circle = Style::line(INK, 1.5).over("#ffffff");
        shapes.push(Shape::Circle(sum, RADIUS, circle));
        shapes.extend(plus.map(|line| Shape::Path(Path::through(line), Style::line(INK, 1.5))));
    }
    shapes
}

/// The coefficients of a row, each where its row meets its rail.
fn dots(layout: &Layout, row: usize, terms: &[Term]) -> Vec<Shape> {
    let stages = layout.rows.len() - 1;
    let y = layout.row(row);
    let mut shapes = Vec::new();
    for term in terms {
        let x = layout.rail(term.stage + 1);
        let negative = term.coefficient.sign().is_lt();
        let label = coefficient::label(&term.coefficient, stages);
        let text = Text::new((x - 6.0, y - 6.0), label, NUMBERS).anchor(Anchor::End);
        let colour = if negative { MINUS } else { INK };
        shapes.push(dot((x, y), negative));
        shapes.push(Shape::Text(text.colour(colour)));
    }
    shapes
}

/// Full, or hollow for a negative coefficient.
fn dot(at: Point, negative: bool) -> Shape {
    let style = if negative {
        Style::line(MINUS, 1.8).over("#ffffff")
    } else {
        Style::filled(RAIL)
    };
    Shape::Circle(at, DOT, style)
}

fn stage_box(layout: &Layout, at: usize, number: usize) -> Vec<Shape> {
    let (x, y) = (layout.rail(at) + TIP, layout.row(at));
    let style = Style::line(INK, 1.4).over("#e9eef4");
    let face = Text::new(
        (x + STAGE.0 / 2.0, y + 5.0),
        format!("F{}", subscript(number)),
        14.0,
    );
    let beside = Text::new(
        (layout.rail(at + 1) + 6.0, y + 4.0),
        format!("k{}", subscript(number)),
        12.5,
    );
    vec![
        Shape::Box((x, y - STAGE.1 / 2.0), STAGE, 4.0, style),
        Shape::Text(face.anchor(Anchor::Middle)),
        Shape::Text(beside.colour(RAIL)),
    ]
}

fn name(at: Point, words: String) -> Text {
    Text::new(at, words, 15.0).anchor(Anchor::Middle)
}

fn subscript(number: usize) -> String {
    let digits = number.to_string();
    let lowered = digits.bytes().filter_map(|digit| {
        let digit = u32::from(digit - b'0');
        char::from_u32(0x2080 + digit)
    });
    lowered.collect()
}

/// What the signs that occur mean, and how wide that is.
fn key(rows: &[&[Term]], (left, y): Point) -> (Vec<Shape>, f64) {
    let stages = rows.len() - 1;
    let any = |holds: &dyn Fn(&Number) -> bool| {
        let mut terms = rows.iter().copied().flatten();
        terms.any(|term| holds(&term.coefficient))
    };
    let parts = [
        (true, Some(false), "adds h × its number × k to the row"),
        (
            any(&|number| number.sign().is_lt()),
            Some(true),
            "the same, negative",
        ),
        (
            any(&|number| coefficient::is_rounded(number, stages)),
            None,
            "decimals are rounded to three digits",
        ),
    ];
    let (mut shapes, mut x) = (Vec::new(), left);
    for (_, sign, words) in parts.into_iter().filter(|&(occurs, ..)| occurs) {
        if let Some(negative) = sign {
            shapes.push(dot((x + DOT, y), negative));
            x += 14.0;
        }
        let text = Text::new((x, y + 4.0), words, KEY).colour(GREY);
        shapes.push(Shape::Text(text));
        x += lettering::width(words, Face::Regular, KEY) + 24.0;
    }
    (shapes, x - 24.0 - left)
}
