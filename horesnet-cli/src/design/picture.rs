//! The figure over one parameter, or its contours over two, with the best member.

use horesnet_compiler::design::{Design, Goal, Search};
use horesnet_compiler::family::{Family, Parameter};
use horesnet_compiler::number::Number;
use horesnet_train::drawing::lettering::Face;
use horesnet_train::drawing::{
    Axes, Drawing, GREY, INK, PALETTE, Path, SUBTITLE, Scale, Style, TITLE, Text, WHITE,
};

use crate::plot::contour::{self, Viewport};

const SIZE: (f64, f64) = (720.0, 520.0);
const FRAME: ((f64, f64), (f64, f64)) = ((84.0, 62.0), (540.0, 462.0));
/// The frame of a curve, which needs no legend.
const WIDE: ((f64, f64), (f64, f64)) = ((84.0, 62.0), (690.0, 462.0));
/// Points of a curve, and of each side of a grid.
const CURVE: usize = 240;
const GRID: usize = 48;
/// Contours, as parts of all values.
const LEVELS: [f64; 7] = [0.02, 0.06, 0.14, 0.28, 0.45, 0.65, 0.85];
const LETTERS: f64 = 12.5;

/// Draws what was searched; a family of more than two parameters over its first two, the others at their best values.
pub(super) fn draw(
    search: &Search,
    family: &Family,
    goal: &Goal,
    found: &Design,
) -> Result<Drawing, String> {
    match family.parameters.as_slice() {
        [parameter] => curve(search, parameter, goal, found),
        [first, second, ..] => contours(search, [first, second], goal, found),
        [] => Err("a family without parameters has no picture".to_owned()),
    }
}

/// The part of an interval that is shown: all of it, or a few units around the best value.
fn range(parameter: &Parameter, best: &Number) -> (f64, f64) {
    let (best, default) = (best.to_f64(), parameter.default.to_f64());
    let reach = 1.0 + 2.0 * (best - default).abs().max(best.abs());
    let end = |bound: &Option<horesnet_compiler::number::Bound>, other: f64| {
        bound.as_ref().map_or(other, |bound| bound.value.to_f64())
    };
    (
        end(&parameter.interval.low, best - reach),
        end(&parameter.interval.high, best + reach),
    )
}

/// The figure with a value in place of those of some parameters.
fn figure(search: &Search, found: &Design, places: &[(usize, f64)]) -> Option<f64> {
    let mut values = found.values.clone();
    for (at, x) in places {
        // Values of a picture need few digits.
        let short = (x * 1e6).round() as i64;
        *values.get_mut(*at)? = Number::ratio(short, 1_000_000)?;
    }
    search.figure(&values)
}

fn headed(goal: &Goal, found: &Design, family_line: String) -> Drawing {
    let title = format!(
        "{}: {}",
        found.member.name.as_deref().unwrap_or("Family"),
        goal
    );
    let mut drawing = Drawing::new(SIZE, &title);
    drawing.text(Text::new((FRAME.0.0, 26.0), title, TITLE).face(Face::Bold));
    drawing.text(Text::new((FRAME.0.0, 46.0), family_line, SUBTITLE).colour(GREY));
    drawing
}

fn best_line(goal: &Goal, found: &Design, names: &[&str]) -> String {
    let word = if goal.is_minimised() {
        "least"
    } else {
        "largest"
    };
    let pairs = names
        .iter()
        .zip(&found.values)
        .map(|(name, value)| format!("{name} = {:.6}", value.to_f64()));
    format!(
        "{word} {} at {}",
        super::short(found.value),
        pairs.collect::<Vec<_>>().join(", ")
    )
}

fn curve(
    search: &Search,
    parameter: &Parameter,
    goal: &Goal,
    found: &Design,
) -> Result<Drawing, String> {
    let best = found.values.first().ok_or("no parameter")?;
    let (low, high) = range(parameter, best);
    let points = (0..=CURVE).filter_map(|at| {
        let x = low + (high - low) * at as f64 / CURVE as f64;
        Some((x, figure(search, found, &[(0, x)])?))
    });
    let points: Vec<_> = points.collect();
    let mut sizes: Vec<_> = points.iter().map(|point| point.1).collect();
    sizes.push(found.value);
    sizes.sort_by(f64::total_cmp);
    // Near poles figures have no bound, and would press the rest of the curve flat.
    let at = |part: f64| {
        sizes
            .get(((sizes.len() - 1) as f64 * part) as usize)
            .copied()
            .unwrap_or(0.0)
    };
    let (least, most) = (at(0.0), at(1.0).min(4.0 * at(0.8)));
    let air = 0.06 * (most - least).max(1e-3 * most.abs()).max(1e-12);
    let (bottom, top) = (least - air, most + air);
    let axes = Axes {
        frame: WIDE,
        x: Scale::new((low, high), (high - low) / 8.0),
        y: Scale::new((bottom, top), (top - bottom) / 8.0),
    };
    let mut drawing = headed(goal, found, best_line(goal, found, &[&parameter.name]));
    drawing.clip = Some(WIDE);
    axes.grid(&mut drawing, true);
    let line = Path::through(points.iter().map(|point| axes.pixel(*point)));
    drawing.clipped(&line, Style::line(PALETTE[0], 2.2));
    mark(&mut drawing, axes.pixel((best.to_f64(), found.value)));
    axes.rim(&mut drawing, [&parameter.name, &goal.to_string()], None);
    Ok(drawing)
}

fn mark(drawing: &mut Drawing, place: (f64, f64)) {
    drawing.circle(place, 5.5, Style::line(WHITE, 1.5).over(PALETTE[1]));
}

fn contours(
    search: &Search,
    [first, second]: [&Parameter; 2],
    goal: &Goal,
    found: &Design,
) -> Result<Drawing, String> {
    let [a, b] = [0, 1].map(|at| found.values.get(at));
    let (a, b) = a.zip(b).ok_or("no parameters")?;
    let (x, y) = (range(first, a), range(second, b));
    let sign = if goal.is_minimised() { 1.0 } else { -1.0 };
    // Samples lie inside the cells, away from ends that do not belong to the intervals.
    let place =
        |at: usize, (low, high): (f64, f64)| low + (high - low) * (at as f64 + 0.5) / GRID as f64;
    let samples = (0..GRID * GRID).map(|number| {
        let (i, j) = (number % GRID, number / GRID);
        figure(search, found, &[(0, place(i, x)), (1, place(j, y))])
            .map_or(f64::INFINITY, |value| sign * value)
    });
    let samples: Vec<_> = samples.collect();
    let mut sorted: Vec<_> = samples
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    sorted.sort_by(f64::total_cmp);
    let mut levels: Vec<f64> = { LEVELS.iter() }
        .filter_map(|part| sorted.get((sorted.len() as f64 * part) as usize).copied())
        .collect();
    levels.dedup_by(|a, b| (*a - *b).abs() <= 1e-9 * b.abs());
    let between = |u: f64, v: f64| {
        let index = |t: f64, (low, high): (f64, f64)| {
            ((t - low) / (high - low) * GRID as f64 - 0.5).clamp(0.0, (GRID - 1) as f64)
        };
        let (s, t) = (index(u, x), index(v, y));
        let (i, j) = (s.floor() as usize, t.floor() as usize);
        let (next, above) = ((i + 1).min(GRID - 1), (j + 1).min(GRID - 1));
        let at = |i: usize, j: usize| samples.get(j * GRID + i).copied().unwrap_or(f64::INFINITY);
        let (p, q) = (s - i as f64, t - j as f64);
        let row = |j: usize| at(i, j) * (1.0 - p) + if p > 0.0 { at(next, j) * p } else { 0.0 };
        row(j) * (1.0 - q) + if q > 0.0 { row(above) * q } else { 0.0 }
    };
    let axes = Axes {
        frame: FRAME,
        x: Scale::new(x, (x.1 - x.0) / 7.0),
        y: Scale::new(y, (y.1 - y.0) / 8.0),
    };
    let mut drawing = headed(
        goal,
        found,
        best_line(goal, found, &[&first.name, &second.name]),
    );
    drawing.clip = Some(FRAME);
    let margin = (0.05 * (x.1 - x.0), 0.05 * (y.1 - y.0));
    let window = Viewport { re: x, im: y }.widened(margin);
    let fill = Style::line(PALETTE[0], 1.0).over(PALETTE[0]).opacity(0.13);
    for level in &levels {
        let loops = contour::polygons(|u, v| between(u, v) - level, &window, (150, 150));
        let path = loops.iter().flat_map(|polygon| {
            let pixels: Vec<_> = polygon.iter().map(|point| axes.pixel(*point)).collect();
            Path::around(contour::simplified(&pixels, 0.1)).0
        });
        drawing.clipped(&Path(path.collect()), fill);
    }
    mark(&mut drawing, axes.pixel((a.to_f64(), b.to_f64())));
    axes.rim(&mut drawing, [&first.name, &second.name], None);
    legend(&mut drawing, &levels, sign);
    Ok(drawing)
}

/// The values of the contours, from the best outwards, with as many layers of colour as the picture has there.
fn legend(drawing: &mut Drawing, levels: &[f64], sign: f64) {
    let (left, mut y) = (FRAME.1.0 + 22.0, FRAME.0.1 + 8.0);
    let relation = if sign > 0.0 { "≤" } else { "≥" };
    for (at, level) in levels.iter().enumerate() {
        for _ in at..levels.len() {
            let fill = Style::filled(PALETTE[0]).opacity(0.13);
            drawing.rect((left, y), (26.0, 16.0), 0.0, fill);
        }
        drawing.rect((left, y), (26.0, 16.0), 0.0, Style::line(PALETTE[0], 1.0));
        let words = format!("{relation} {}", super::significant(sign * level, 4));
        drawing.text(Text::new((left + 36.0, y + 12.5), words, LETTERS).colour(INK));
        y += 24.0;
    }
    drawing.circle(
        (left + 13.0, y + 10.0),
        5.5,
        Style::line(WHITE, 1.5).over(PALETTE[1]),
    );
    drawing.text(Text::new(
        (left + 36.0, y + 14.5),
        "the best member",
        LETTERS,
    ));
}
