//! Draws stability regions `{z = hλ : |R(z)| ≤ 1}` or order stars, one or several.
//!
//! Fills are light; outlines differ in colour, dashes and weight, so that they can be told apart with any colour vision
//! and in grey print.

use horesnet_train::drawing::lettering::{self, Face};
use horesnet_train::drawing::{Axes, Drawing, GREY, INK, PALETTE, Path, Point, Style, Text};

use super::contour::{self, Viewport};
use super::frame::{self, LEFT, Limits};
use super::rational::{Rational, Set};
use super::view::{self, View};

/// The part of an implicit scheme's picture that its order star needs.
const POLES: f64 = 0.7;

/// A set to draw and its words in the picture.
pub(crate) struct Region {
    pub(crate) name: String,
    /// The line below the name.
    pub(crate) about: String,
    pub(crate) stages: usize,
    pub(crate) function: Rational,
    pub(crate) set: Set,
}

impl Region {
    /// The part of the plane in which the set is seen.
    pub(crate) fn view(&self) -> View {
        let scale = self.function.scale();
        // Padé-like functions of s stages have their poles and zeros about this far out.
        let usual = 2.0 + 2.0 * self.stages as f64;
        let level = |x, y| self.function.level(Set::Stability, (x * scale, y * scale));
        let View { window, islands } = view::view(level, usual);
        match self.set {
            Set::Stability => View {
                window: window.scaled(scale),
                islands: islands.iter().map(|island| island.scaled(scale)).collect(),
            },
            // Zeros are in the region of an explicit scheme, poles well inside of what that of an implicit one leaves out, and
            // the bounded fingers around them.
            Set::OrderStar => View {
                window: view::square(if self.function.is_polynomial() {
                    window.reach() * scale
                } else {
                    window.reach() * scale * POLES
                }),
                islands: Vec::new(),
            },
        }
    }
}

/// The names of regions, and the part of the plane in which each is seen.
pub(super) fn views(regions: &[Region]) -> Vec<(&str, View)> {
    let views = regions.iter();
    views.map(|region| (&*region.name, region.view())).collect()
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
const RIGHT: f64 = 24.0;
/// The frame's upper edge below a title, and without one.
const TOP: f64 = 58.0;
const BARE_TOP: f64 = 18.0;
const BOTTOM: f64 = 58.0;
/// Cell size of the grid on which regions are sampled, in pixels; outlines are far more exact.
const CELL: f64 = 1.5;
/// The least number of dashes with their gaps on a loop that is dashed.
const DASHES: f64 = 3.0;
/// The longest name, in characters; no bundled scheme has a longer one.
pub(super) const NAME: usize = 48;
/// The legend's lines.
const GAP: f64 = 20.0;
const SAMPLE: f64 = 34.0;
const ENTRY: f64 = 46.0;

/// Options of a picture of regions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) title: bool,
    pub(crate) limits: Limits,
}

/// Draws the regions, the first on top; returns notes on what the picture does not show.
pub(crate) fn draw(regions: &[Region], options: Options) -> (Drawing, Vec<String>) {
    let (window, notes) = frame::window(&views(regions), options.limits);
    let top = if options.title { TOP } else { BARE_TOP };
    let axes = frame::axes(window, top);
    let (_, (right, bottom)) = axes.frame;
    let mut drawing = Drawing::default();
    drawing.clip = Some(axes.frame);
    let heading = heading(&mut drawing, regions, options.title);
    axes.grid(&mut drawing, true);
    for (range, line) in [
        (
            axes.y.range,
            Axes::horizontal as fn(&Axes, &mut Drawing, f64, Style),
        ),
        (axes.x.range, Axes::vertical),
    ] {
        if range.0 <= 0.0 && 0.0 <= range.1 {
            line(&axes, &mut drawing, 0.0, ORIGIN);
        }
    }
    for (at, region) in regions.iter().enumerate().rev() {
        let style = style(at, regions.len());
        for (path, style) in painted(outline(region, &axes), style) {
            drawing.clipped(&path, style);
        }
    }
    axes.rim(&mut drawing, words(regions).axes, None);
    let legend = legend(&mut drawing, regions, (right, top));
    let legend_height = ENTRY * regions.len() as f64;
    drawing.width = f64::max(right + legend, LEFT + heading) + RIGHT;
    drawing.height = bottom.max(top + legend_height) + BOTTOM;
    (drawing, notes)
}

/// The boundary of a region in pixels, loop by loop, closed outside of the frame where the region has no end.
fn outline(region: &Region, axes: &Axes) -> Vec<Vec<Point>> {
    let ((left, top), (right, bottom)) = axes.frame;
    let (re, im) = (axes.x.range, axes.y.range);
    let more = |range: (f64, f64), pixels: f64| 4.0 * CELL * (range.1 - range.0) / pixels;
    let beyond = (more(re, right - left), more(im, bottom - top));
    let beyond = Viewport { re, im }.widened(beyond);
    let cells = |pixels: f64| (pixels / CELL).ceil() as usize + 8;
    let cells = (cells(right - left), cells(bottom - top));
    let polygons = contour::polygons(
        |x, y| region.function.level(region.set, (x, y)),
        &beyond,
        cells,
    );
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

/// The words for a kind of sets.
struct Words {
    title: &'static str,
    short: &'static str,
    /// The condition on a point, and the same for readers of a picture of several sets.
    condition: &'static str,
    conditions: &'static str,
    axes: [&'static str; 2],
}

const STABILITY: Words = Words {
    title: "Stability region",
    short: "region",
    condition: "|R(hλ)| ≤ 1",
    conditions: "|R(hλ)| ≤ 1 for one step of size h on x′ = λx",
    axes: ["Re(hλ)", "Im(hλ)"],
};

const ORDER_STAR: Words = Words {
    title: "Order star",
    short: "order star",
    condition: "|R(z)·exp(−z)| > 1",
    conditions: "|R(z)·exp(−z)| > 1, where a step on x′ = λx grows faster than x, z = hλ",
    axes: ["Re(z)", "Im(z)"],
};

/// The words for all of the sets, which are of one kind.
fn words(regions: &[Region]) -> &'static Words {
    match regions.first().map(|region| region.set) {
        Some(Set::OrderStar) => &ORDER_STAR,
        _ => &STABILITY,
    }
}

/// Names the picture and, if `shown`, writes the name and the line below it; returns their width.
fn heading(drawing: &mut Drawing, regions: &[Region], shown: bool) -> f64 {
    let words = words(regions);
    let (title, about) = match regions {
        [region] => {
            let name = lettering::shortened(&region.name, NAME);
            let title = format!("{} of {name}", words.title);
            (title, format!("{}, {}", words.condition, region.about))
        }
        _ => (format!("{}s", words.title), words.conditions.to_owned()),
    };
    super::heading(drawing, (LEFT, 26.0), title, shown.then_some(about))
}

/// Draws sample, name and description of each region right of the frame; returns the width, 0 for a single region.
fn legend(drawing: &mut Drawing, regions: &[Region], (frame, above): Point) -> f64 {
    if regions.len() < 2 {
        return 0.0;
    }
    let mut width = 0.0_f64;
    let left = frame + GAP;
    let x = left + SAMPLE + 10.0;
    for (at, region) in regions.iter().enumerate() {
        let top = above + 2.0 + ENTRY * at as f64;
        drawing.rect((left, top), (SAMPLE, 20.0), 2.0, style(at, regions.len()));
        let name = lettering::shortened(&region.name, NAME);
        // The region drawn on top hides those that are like it.
        let mut about = region.about.clone();
        if let Some(other) = regions
            .iter()
            .take(at)
            .find(|other| other.function.is_like(&region.function))
        {
            let other = lettering::shortened(&other.name, NAME);
            about = format!("{about}, same {} as {other}", words(regions).short);
        }
        for (words, face, size, down, colour) in [
            (name, Face::Bold, 13.0, 9.5, INK),
            (about, Face::Regular, 12.0, 25.5, GREY),
        ] {
            width = width.max(x - frame + lettering::width(&words, face, size));
            let text = Text::new((x, top + down), words, size).face(face);
            drawing.text(text.colour(colour));
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
            function: Rational::new(numerator.to_vec(), denominator.to_vec()),
            set: Set::Stability,
        }];
        let axes = frame::axes(frame::window(&views(&regions), Limits::default()).0, TOP);
        let (origin, unit) = (axes.pixel((0.0, 0.0)), axes.pixel((1.0, 0.0)));
        let (mut start, mut last, mut found) = (origin, origin, Vec::new());
        for step in joined(&outline(&regions[0], &axes)).0 {
            let at = match step {
                Step::Move(at) => {
                    (start, last) = (at, at);
                    continue;
                }
                Step::Line(at) | Step::Bend(_, at) | Step::Cubic(.., at) => at,
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
