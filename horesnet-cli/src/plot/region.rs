//! The picture of stability regions `{z = hλ : |R(z)| ≤ 1}`, one or several.
//!
//! Fillings are light; outlines differ in colour, dashes and weight, so that they can be told
//! apart with any colour vision and in print without colour.

use super::axes::Axes;
use super::contour::{self, Window};
use super::drawing::{Drawing, Face, Path, Point, Shape, Style, Text};
use super::{lettering, view};

/// One scheme's part of the picture.
pub(crate) struct Region {
    pub(crate) name: String,
    /// What is said below the name.
    pub(crate) about: String,
    pub(crate) stages: usize,
    /// `R = P/Q`: the coefficients of `P` by ascending degree.
    pub(crate) numerator: Vec<f64>,
    /// Those of `Q`.
    pub(crate) denominator: Vec<f64>,
}

impl Region {
    /// `|P(z)| − |Q(z)|`: at most zero where `|R(z)| ≤ 1`, and finite at the poles of `R`.
    fn growth(&self, re: f64, im: f64) -> f64 {
        let modulus = |polynomial: &[f64]| {
            let horner = |(x, y): (f64, f64), c: &f64| (x * re - y * im + c, x * im + y * re);
            let (x, y) = polynomial.iter().rev().fold((0.0, 0.0), horner);
            x.hypot(y)
        };
        modulus(&self.numerator) - modulus(&self.denominator)
    }
}

/// Colours of Okabe and Ito, which people with any colour vision tell apart.
const COLOURS: [&str; 7] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222",
];
/// Five, so that no colour meets the same dashes again for 35 schemes.
const LINES: [(&[f64], f64); 5] = [
    (&[], 2.0),
    (&[9.0, 4.0], 2.0),
    (&[2.0, 3.0], 2.6),
    (&[11.0, 3.0, 2.0, 3.0], 2.0),
    (&[], 3.2),
];

const GREY: &str = "#555555";
const SIDE: f64 = 500.0;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 58.0;
const BOTTOM: f64 = 58.0;
/// A cell of the grid on which regions are sampled; outlines are exact to a far smaller part.
const CELL: f64 = 1.5;
/// The legend's lines.
const GAP: f64 = 20.0;
const SAMPLE: f64 = 34.0;
const ENTRY: f64 = 46.0;

/// Draws the regions, the first on top.
pub(crate) fn draw(regions: &[Region]) -> Drawing {
    let axes = Axes::new((LEFT, TOP), SIDE, window(regions));
    let (width, height) = axes.size();
    let (heading, heading_width) = heading(regions);
    let (legend, legend_width) = legend(regions, LEFT + width);
    let legend_height = ENTRY * regions.len() as f64;
    let mut drawing = Drawing {
        width: f64::max(
            LEFT + width + legend_width + RIGHT,
            LEFT + heading_width + RIGHT,
        ),
        height: TOP + height.max(legend_height) + BOTTOM,
        title: title(regions),
        shapes: heading,
        clip: Some(axes.frame()),
    };
    drawing.shapes.extend(axes.grid());
    drawing.shapes.extend(axes.origin());
    for (at, region) in regions.iter().enumerate().rev() {
        let (outline, style) = (outline(region, &axes), style(at, regions.len()));
        drawing.shapes.push(Shape::Clipped(outline, style));
    }
    drawing.shapes.extend(axes.rim());
    drawing.shapes.extend(legend);
    drawing
}

/// The part of the plane in which every region is seen.
fn window(regions: &[Region]) -> Window {
    let windows = regions.iter().map(|region| {
        // Padé-like functions of s stages have their poles and zeros about this far out.
        let usual = 2.0 + 2.0 * region.stages as f64;
        view::window(|x, y| region.growth(x, y), usual)
    });
    let all = windows.reduce(|a, b| view::union(&a, &b));
    let nothing = Window {
        re: (-1.0, 1.0),
        im: (-1.0, 1.0),
    };
    view::framed(&all.unwrap_or(nothing), 1.6)
}

/// The boundary of a region in pixels, closed outside of the frame where the region has no end.
fn outline(region: &Region, axes: &Axes) -> Path {
    let (width, height) = axes.size();
    let beyond = axes.beyond(4.0 * CELL);
    let cells = (
        (width / CELL).ceil() as usize + 8,
        (height / CELL).ceil() as usize + 8,
    );
    let polygons = contour::polygons(|x, y| region.growth(x, y), &beyond, cells);
    let paths = polygons.iter().flat_map(|polygon| {
        let pixels: Vec<Point> = polygon.iter().map(|&z| axes.pixel(z)).collect();
        Path::around(contour::simplified(&pixels, 0.04)).0
    });
    Path(paths.collect())
}

fn title(regions: &[Region]) -> String {
    match regions {
        [region] => format!(
            "Stability region of {}",
            lettering::shortened(&region.name, 40)
        ),
        _ => "Stability regions".to_owned(),
    }
}

/// Title and what is below it, and their width.
fn heading(regions: &[Region]) -> (Vec<Shape>, f64) {
    let title = title(regions);
    let about = match regions {
        [region] => format!("|R(hλ)| ≤ 1, {}", region.about),
        _ => "|R(hλ)| ≤ 1 for one step of size h on x′ = λx".to_owned(),
    };
    let width = f64::max(
        lettering::width(&title, Face::Bold, 17.0),
        lettering::width(&about, Face::Regular, 12.5),
    );
    let shapes = vec![
        Shape::Text(Text::new((LEFT, 26.0), title, 17.0).face(Face::Bold)),
        Shape::Text(Text::new((LEFT, 45.0), about, 12.5).colour(GREY)),
    ];
    (shapes, width)
}

/// Sample, name and description of each region, right of the frame, and the width of all that; nothing for one region.
fn legend(regions: &[Region], frame: f64) -> (Vec<Shape>, f64) {
    if regions.len() < 2 {
        return (Vec::new(), 0.0);
    }
    let (mut shapes, mut width) = (Vec::new(), 0.0_f64);
    let left = frame + GAP;
    let x = left + SAMPLE + 10.0;
    for (at, region) in regions.iter().enumerate() {
        let top = TOP + 2.0 + ENTRY * at as f64;
        let style = style(at, regions.len());
        shapes.push(Shape::Box((left, top), (SAMPLE, 20.0), 2.0, style));
        let name = lettering::shortened(&region.name, 28);
        let words = [
            (name, Face::Bold, 13.0, 9.5, "#222222"),
            (region.about.clone(), Face::Regular, 12.0, 25.5, GREY),
        ];
        for (words, face, size, down, colour) in words {
            width = width.max(x - frame + lettering::width(&words, face, size));
            let text = Text::new((x, top + down), words, size).face(face);
            shapes.push(Shape::Text(text.colour(colour)));
        }
    }
    (shapes, width)
}

/// How a region is painted, of so many.
fn style(at: usize, of: usize) -> Style {
    let (dashes, width) = LINES[at % LINES.len()];
    let colour = COLOURS[at % COLOURS.len()];
    Style {
        dashes,
        opacity: if of == 1 { 0.18 } else { 0.09 },
        ..Style::line(colour, width).over(colour)
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawing::Step;
    use super::*;

    /// `Re(hλ)` where the boundary of a region meets the real axis, the least first, found in the picture.
    fn crossings(numerator: &[f64], denominator: &[f64]) -> Vec<f64> {
        let regions = [Region {
            name: "mine".to_owned(),
            about: String::new(),
            stages: numerator.len(),
            numerator: numerator.to_vec(),
            denominator: denominator.to_vec(),
        }];
        let axes = Axes::new((LEFT, TOP), SIDE, window(&regions));
        let (origin, unit) = (axes.pixel((0.0, 0.0)), axes.pixel((1.0, 0.0)));
        let (mut start, mut last, mut found) = (origin, origin, Vec::new());
        for step in outline(&regions[0], &axes).0 {
            let at = match step {
                Step::Move(at) => {
                    (start, last) = (at, at);
                    continue;
                }
                Step::Line(at) | Step::Bend(_, at) => at,
                Step::Close => start,
            };
            let (before, after) = (last.1 - origin.1, at.1 - origin.1);
            if (before < 0.0) != (after < 0.0) {
                let x = last.0 + before / (before - after) * (at.0 - last.0);
                found.push((x - origin.0) / (unit.0 - origin.0));
            }
            last = at;
        }
        found.sort_by(f64::total_cmp);
        found
    }

    fn assert_near(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-3, "{found} {expected}");
        }
    }

    #[test]
    fn the_picture_crosses_the_real_axis_where_the_scheme_does() {
        // Hairer and Wanner 1996, §IV.2, table 2.1 for order 4: −2.785.
        let rk4 = [1.0, 1.0, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0];
        assert_near(&crossings(&rk4, &[1.0]), &[-2.785_293_6, 0.0]);
        // Backward Euler is unstable between 0 and 2 only; outside of the frame its region is closed left and right.
        assert_near(&crossings(&[1.0], &[1.0, -1.0])[1..3], &[0.0, 2.0]);
    }
}
