//! Draws stability regions `{z = hλ : |R(z)| ≤ 1}`, one or several.
//!
//! Fills are light; outlines differ in colour, dashes and weight, so that they can be told apart with any colour vision
//! and in grey print.

use horesnet_train::drawing::lettering::{self, Face};
use horesnet_train::drawing::{Axes, Drawing, GREY, INK, PALETTE, Path, Point, Scale, Style, Text};

use super::contour::{self, Viewport};
use super::view::{self, View};
use crate::report;

/// The stability function of a scheme and its words in the picture.
pub(crate) struct Region {
    pub(crate) name: String,
    /// The line below the name.
    pub(crate) about: String,
    pub(crate) stages: usize,
    /// `R = P/Q`: the coefficients of `P` by ascending degree.
    pub(crate) numerator: Vec<f64>,
    /// The coefficients of `Q`.
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

    /// Distance of the region's features from the origin, to a power of two: in these units no coefficient is above 1.
    fn scale(&self) -> f64 {
        let polynomials = [&self.numerator, &self.denominator];
        let powers = polynomials.into_iter().flat_map(|polynomial| {
            let terms = polynomial.iter().zip(0_u32..).skip(1);
            terms.map(|(c, degree)| c.abs().log2() / f64::from(degree))
        });
        let power = powers.fold(f64::NEG_INFINITY, f64::max);
        if power.is_finite() {
            // Squares of lengths are computed, and must stay finite.
            (-power).round().clamp(-400.0, 400.0).exp2()
        } else {
            1.0
        }
    }

    /// The part of the plane in which the region is seen.
    pub(crate) fn view(&self) -> View {
        let scale = self.scale();
        // Padé-like functions of s stages have their poles and zeros about this far out.
        let usual = 2.0 + 2.0 * self.stages as f64;
        let View { window, islands } = view::view(|x, y| self.growth(x * scale, y * scale), usual);
        let islands = islands.iter().map(|island| island.scaled(scale));
        View {
            window: window.scaled(scale),
            islands: islands.collect(),
        }
    }

    /// Returns true if no picture shows a difference.
    fn is_like(&self, other: &Self) -> bool {
        let scale = self.scale();
        let alike = |ours: &[f64], theirs: &[f64]| {
            let at = |of: &[f64], k: usize| of.get(k).map_or(0.0, |c| c * scale.powi(k as i32));
            (0..ours.len().max(theirs.len())).all(|k| (at(ours, k) - at(theirs, k)).abs() <= 1e-9)
        };
        alike(&self.numerator, &other.numerator) && alike(&self.denominator, &other.denominator)
    }
}

/// Five, so that no colour meets the same dashes again for 35 schemes.
const LINES: [(&[f64], f64); 5] = [
    (&[], 2.0),
    (&[9.0, 4.0], 2.0),
    (&[2.0, 3.0], 2.6),
    (&[11.0, 3.0, 2.0, 3.0], 2.0),
    (&[], 3.2),
];

const ORIGIN: Style = Style::line("#8a8a8a", 1.2);
const SIDE: f64 = 500.0;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 58.0;
const BOTTOM: f64 = 58.0;
/// Cell size of the grid on which regions are sampled, in pixels; outlines are far more exact.
const CELL: f64 = 1.5;
/// The least number of dashes with their gaps on a loop that is dashed.
const DASHES: f64 = 3.0;
/// The longest name, in characters; no bundled scheme has a longer one.
const NAME: usize = 48;
/// The legend's lines.
const GAP: f64 = 20.0;
const SAMPLE: f64 = 34.0;
const ENTRY: f64 = 46.0;

/// Draws the regions, the first on top; returns notes on what the picture does not show.
pub(crate) fn draw(regions: &[Region]) -> (Drawing, Vec<String>) {
    let (window, notes) = window(regions);
    let axes = axes(window);
    let (_, (right, bottom)) = axes.frame;
    let mut drawing = Drawing::default();
    drawing.clip = Some(axes.frame);
    let heading = heading(&mut drawing, regions);
    axes.grid(&mut drawing, true);
    axes.horizontal(&mut drawing, 0.0, ORIGIN);
    axes.vertical(&mut drawing, 0.0, ORIGIN);
    for (at, region) in regions.iter().enumerate().rev() {
        let style = style(at, regions.len());
        for (path, style) in painted(outline(region, &axes), style) {
            drawing.clipped(&path, style);
        }
    }
    axes.rim(&mut drawing, ["Re(hλ)", "Im(hλ)"], None);
    let legend = legend(&mut drawing, regions, right);
    let legend_height = ENTRY * regions.len() as f64;
    drawing.width = f64::max(right + legend, LEFT + heading) + RIGHT;
    drawing.height = bottom.max(TOP + legend_height) + BOTTOM;
    (drawing, notes)
}

/// Axes of one scale, whose longer side has [`SIDE`] pixels.
fn axes(window: Viewport) -> Axes {
    let longer = window.width().max(window.height());
    let [width, height] = [window.width(), window.height()].map(|side| side * SIDE / longer);
    Axes {
        frame: ((LEFT, TOP), (LEFT + width, TOP + height)),
        x: Scale::new(window.re, longer / 10.0),
        y: Scale::new(window.im, longer / 10.0),
    }
}

/// The part of the plane in which every region is seen, and notes on islands outside of it.
fn window(regions: &[Region]) -> (Viewport, Vec<String>) {
    let views: Vec<_> = regions.iter().map(Region::view).collect();
    let all = views.iter().map(|view| view.window);
    let all = all.reduce(|a, b| view::union(&a, &b));
    let all = all.filter(|all| all.width().max(all.height()) > 0.0);
    let window = view::framed(&all.unwrap_or(view::square(1.0)), 1.6);
    let notes = regions.iter().zip(&views).filter_map(|(region, view)| {
        let islands = view.islands.iter();
        let count = islands.filter(|island| !window.contains(island)).count();
        let (name, islands) = (&region.name, report::count(count, "small island"));
        (count > 0).then(|| format!("{name} has {islands} outside of the picture"))
    });
    (window, notes.collect())
}

/// The boundary of a region in pixels, loop by loop, closed outside of the frame where the region has no end.
fn outline(region: &Region, axes: &Axes) -> Vec<Vec<Point>> {
    let ((left, top), (right, bottom)) = axes.frame;
    let (re, im) = (axes.x.range, axes.y.range);
    let more = 4.0 * CELL * (re.1 - re.0) / (right - left);
    let beyond = Viewport { re, im }.widened((more, more));
    let cells = |pixels: f64| (pixels / CELL).ceil() as usize + 8;
    let cells = (cells(right - left), cells(bottom - top));
    let polygons = contour::polygons(|x, y| region.growth(x, y), &beyond, cells);
    let loops = polygons.iter().map(|polygon| {
        let pixels: Vec<Point> = polygon.iter().map(|&z| axes.pixel(z)).collect();
        contour::simplified(&pixels, 0.04)
    });
    loops.collect()
}

/// Paths and styles of an outline: the shortest loops are solid, since dashes need some length to be seen.
fn painted(loops: Vec<Vec<Point>>, style: Style) -> Vec<(Path, Style)> {
    let period: f64 = style.dashes.iter().sum();
    let all = joined(&loops);
    let (long, short): (Vec<_>, Vec<_>) = loops
        .into_iter()
        .partition(|points| contour::length(points) >= DASHES * period);
    if short.is_empty() {
        return vec![(all, style)];
    }
    let (mut area, mut line) = (style, style);
    (area.stroke, line.fill) = (None, None);
    let mut solid = line;
    solid.dashes = &[];
    // One fill, since holes are holes only in the same path.
    vec![(all, area), (joined(&long), line), (joined(&short), solid)]
}

fn joined(loops: &[Vec<Point>]) -> Path {
    let paths = loops
        .iter()
        .map(|points| Path::around(points.iter().copied()));
    Path(paths.flat_map(|path| path.0).collect())
}

/// Writes the title and the line below it; returns their width.
fn heading(drawing: &mut Drawing, regions: &[Region]) -> f64 {
    let (title, about) = match regions {
        [region] => {
            let name = lettering::shortened(&region.name, NAME);
            let title = format!("Stability region of {name}");
            (title, format!("|R(hλ)| ≤ 1, {}", region.about))
        }
        _ => (
            "Stability regions".to_owned(),
            "|R(hλ)| ≤ 1 for one step of size h on x′ = λx".to_owned(),
        ),
    };
    super::heading(drawing, (LEFT, 26.0), title, about)
}

/// Draws sample, name and description of each region right of the frame; returns the width, 0 for a single region.
fn legend(drawing: &mut Drawing, regions: &[Region], frame: f64) -> f64 {
    if regions.len() < 2 {
        return 0.0;
    }
    let mut width = 0.0_f64;
    let left = frame + GAP;
    let x = left + SAMPLE + 10.0;
    for (at, region) in regions.iter().enumerate() {
        let top = TOP + 2.0 + ENTRY * at as f64;
        drawing.rect((left, top), (SAMPLE, 20.0), 2.0, style(at, regions.len()));
        let name = lettering::shortened(&region.name, NAME);
        // The region drawn on top hides those that are like it.
        let mut about = region.about.clone();
        if let Some(other) = regions.iter().take(at).find(|other| other.is_like(region)) {
            let other = lettering::shortened(&other.name, NAME);
            about = format!("{about}, same region as {other}");
        }
        for (words, face, size, down, colour) in [
            (name, Face::Bold, 13.0, 9.5, INK),
            (about, Face::Regular, 12.0, 25.5, GREY),
        ] {
            width = width.max(x - frame + lettering::width(&words, face, size));
            let text = Text::new((x, top + down), words, size).face(face);
            drawing.text(&text.colour(colour));
        }
    }
    width
}

/// The style of a region, of `of`.
fn style(at: usize, of: usize) -> Style {
    let (dashes, width) = LINES[at % LINES.len()];
    let colour = PALETTE[at % PALETTE.len()];
    Style {
        dashes,
        opacity: if of == 1 { 0.18 } else { 0.09 },
        ..Style::line(colour, width).over(colour)
    }
}

#[cfg(test)]
mod tests {
    use horesnet_train::drawing::Step;

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
        let axes = axes(window(&regions).0);
        let (origin, unit) = (axes.pixel((0.0, 0.0)), axes.pixel((1.0, 0.0)));
        let (mut start, mut last, mut found) = (origin, origin, Vec::new());
        for step in joined(&outline(&regions[0], &axes)).0 {
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
