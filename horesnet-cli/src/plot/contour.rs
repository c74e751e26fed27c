//! The set where a function is at most zero, as closed polygons: marching squares, refined by bisection.
//!
//! Neighbouring grid points of different sign have a point of the boundary between them, found to 2⁻³⁰ of a cell; cells
//! join these points into loops (Lorensen and Cline 1987, in the plane).

use std::collections::BTreeMap;

/// A rectangle of the complex plane: real parts, imaginary parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Viewport {
    pub(crate) re: (f64, f64),
    pub(crate) im: (f64, f64),
}

impl Viewport {
    pub(crate) fn width(&self) -> f64 {
        self.re.1 - self.re.0
    }

    pub(crate) fn height(&self) -> f64 {
        self.im.1 - self.im.0
    }

    /// The window scaled about the origin.
    pub(crate) fn scaled(&self, by: f64) -> Self {
        let [re, im] = [self.re, self.im].map(|(low, high)| (low * by, high * by));
        Self { re, im }
    }

    /// The window with margins left and right, and below and above.
    pub(crate) fn widened(&self, (x, y): (f64, f64)) -> Self {
        let re = (self.re.0 - x, self.re.1 + x);
        let im = (self.im.0 - y, self.im.1 + y);
        Self { re, im }
    }

    /// The largest real or imaginary part of a point.
    pub(crate) fn reach(&self) -> f64 {
        let bounds = [self.re.0, self.re.1, self.im.0, self.im.1];
        bounds.into_iter().map(f64::abs).fold(0.0, f64::max)
    }

    /// Returns true if `other` lies inside.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        let within = |all: (f64, f64), part: (f64, f64)| all.0 <= part.0 && part.1 <= all.1;
        within(self.re, other.re) && within(self.im, other.im)
    }
}

/// A grid point: column, row.
type Node = (usize, usize);
/// An edge of the grid, from the lesser node to the greater.
type Edge = (Node, Node);

/// The polygons that bound `{z : f(z) ≤ 0}` in the window, to be filled by the even-odd rule.
///
/// Points without a value count as outside, and so does the rim of the window, so that every polygon is closed.
pub(crate) fn polygons(
    f: impl Fn(f64, f64) -> f64,
    window: &Viewport,
    (columns, rows): (usize, usize),
) -> Vec<Vec<(f64, f64)>> {
    let place = |(i, j): Node| {
        (
            window.re.0 + window.width() * i as f64 / columns as f64,
            window.im.0 + window.height() * j as f64 / rows as f64,
        )
    };
    let holds = |(x, y): (f64, f64)| f(x, y) <= 0.0;
    let rim = |(i, j): Node| i == 0 || j == 0 || i == columns || j == rows;
    let nodes = (0..=rows).flat_map(|j| (0..=columns).map(move |i| (i, j)));
    let signs: Vec<_> = nodes.map(|node| !rim(node) && holds(place(node))).collect();
    let inside = |(i, j): Node| {
        let at = j * (columns + 1) + i;
        signs.get(at).copied().unwrap_or(false)
    };

    // From the edge on which a loop enters a cell to the one on which it leaves.
    let mut next = BTreeMap::new();
    for (i, j) in (0..rows).flat_map(|j| (0..columns).map(move |i| (i, j))) {
        let corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)];
        let crossed = crossings(corners, inside);
        // Opposite corners inside: the centre says whether they are joined.
        let joined = crossed.len() == 4 && holds(midpoint(place((i, j)), place((i + 1, j + 1))));
        for (at, &(entry, enters)) in crossed.iter().enumerate() {
            let step = if joined { crossed.len() - 1 } else { 1 };
            if enters && let Some((exit, _)) = crossed.get((at + step) % crossed.len()) {
                next.insert(entry, *exit);
            }
        }
    }
    let point = |(a, b): Edge| {
        let (inner, outer) = if inside(a) { (a, b) } else { (b, a) };
        bisect(holds, place(inner), place(outer))
    };
    loops(next)
        .into_iter()
        .map(|edges| edges.into_iter().map(point).collect())
        .collect()
}

/// The edges of a cell that the boundary crosses, counter-clockwise, and whether the walk around enters the set there.
fn crossings(corners: [Node; 4], inside: impl Fn(Node) -> bool) -> Vec<(Edge, bool)> {
    let crossed = sides(&corners).filter(|&(&a, &b)| inside(a) != inside(b));
    crossed
        .map(|(&a, &b)| ((a.min(b), a.max(b)), inside(b)))
        .collect()
}

/// Each corner of a polygon, and the next.
fn sides<T>(polygon: &[T]) -> impl Iterator<Item = (&T, &T)> {
    polygon.iter().zip(polygon.iter().cycle().skip(1))
}

/// The closed walks of a map that is a permutation.
fn loops(mut next: BTreeMap<Edge, Edge>) -> Vec<Vec<Edge>> {
    let mut loops = Vec::new();
    while let Some((first, mut edge)) = next.pop_first() {
        let mut walk = vec![first];
        while let Some(after) = next.remove(&edge) {
            walk.push(edge);
            edge = after;
        }
        loops.push(walk);
    }
    loops
}

fn midpoint(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1))
}

/// The last point towards `outer` that is seen inside.
fn bisect(
    holds: impl Fn((f64, f64)) -> bool,
    mut inner: (f64, f64),
    mut outer: (f64, f64),
) -> (f64, f64) {
    for _ in 0..30 {
        let middle = midpoint(inner, outer);
        if holds(middle) {
            inner = middle;
        } else {
            outer = middle;
        }
    }
    inner
}

/// A polygon with fewer points, nowhere further than `tolerance` from the given one (Douglas and Peucker 1973).
pub(crate) fn simplified(polygon: &[(f64, f64)], tolerance: f64) -> Vec<(f64, f64)> {
    let [first, ..] = polygon else {
        return Vec::new();
    };
    // A loop has no ends: cut it where it is furthest from its first point.
    let away = |p: &(f64, f64)| (p.0 - first.0).hypot(p.1 - first.1);
    let far = (0..polygon.len()).max_by(|&a, &b| {
        let distance = |at: usize| polygon.get(at).map_or(0.0, away);
        distance(a).total_cmp(&distance(b))
    });
    let (there, back) = polygon.split_at(far.unwrap_or(0));
    let there: Vec<_> = there.iter().chain(back.first()).copied().collect();
    let back: Vec<_> = back.iter().chain([first]).copied().collect();
    let mut kept = vec![*first];
    for line in [there, back] {
        thin(&line, tolerance, &mut kept);
    }
    kept.pop();
    kept
}

/// Appends what is kept of a line after its first point.
fn thin(line: &[(f64, f64)], tolerance: f64, kept: &mut Vec<(f64, f64)>) {
    // A stack, since a long line could be cut very unevenly.
    let mut parts = vec![line];
    while let Some(part) = parts.pop() {
        let (Some(&start), Some(&end)) = (part.first(), part.last()) else {
            continue;
        };
        let off = |p: (f64, f64)| distance(p, start, end);
        let widest = (1..part.len().saturating_sub(1))
            .filter_map(|at| part.get(at).map(|&p| (off(p), at)))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match widest {
            Some((width, at)) if width > tolerance => {
                parts.push(part.get(at..).unwrap_or_default());
                parts.push(part.get(..=at).unwrap_or_default());
            }
            _ => kept.push(end),
        }
    }
}

/// From `p` to the segment between `a` and `b`.
fn distance(p: (f64, f64), a: (f64, f64), b: (f64, f64)) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx * dx + dy * dy;
    let along = if length == 0.0 {
        0.0
    } else {
        (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / length).clamp(0.0, 1.0)
    };
    (p.0 - a.0 - along * dx).hypot(p.1 - a.1 - along * dy)
}

/// How long the way around a polygon is.
pub(crate) fn length(polygon: &[(f64, f64)]) -> f64 {
    sides(polygon)
        .map(|(a, b)| (a.0 - b.0).hypot(a.1 - b.1))
        .sum()
}

/// The area of a polygon, positive if it runs counter-clockwise in a plane with y upwards.
pub(crate) fn area(polygon: &[(f64, f64)]) -> f64 {
    let twice = sides(polygon).map(|(a, b)| a.0 * b.1 - a.1 * b.0);
    twice.sum::<f64>() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    const WINDOW: Viewport = Viewport {
        re: (-3.1, 3.0),
        im: (-3.05, 3.05),
    };

    fn disc(x: f64, y: f64, radius: f64) -> f64 {
        x.hypot(y) - radius
    }

    #[test]
    fn eulers_region_is_the_unit_disc_around_minus_one() {
        let polygons = polygons(|x, y| disc(x + 1.0, y, 1.0), &WINDOW, (300, 300));
        let [circle] = polygons.as_slice() else {
            panic!("{} polygons", polygons.len())
        };
        for &(x, y) in circle {
            assert!(disc(x + 1.0, y, 1.0).abs() < 1e-9);
        }
        assert!((area(circle).abs() - PI).abs() < 1e-3);
        let thinned = simplified(circle, 1e-3);
        assert!(thinned.len() < circle.len() / 3);
        assert!((area(&thinned).abs() - PI).abs() < 1e-3 * 2.0 * PI);
    }

    #[test]
    fn islands_and_holes_are_loops_of_their_own() {
        let ring = |x, y| disc(x, y, 2.0).max(0.5 - x.hypot(y));
        let island = |x, y| disc(x - 2.6, y - 2.6, 0.1);
        let polygons = polygons(|x, y| ring(x, y).min(island(x, y)), &WINDOW, (300, 300));
        let mut areas: Vec<_> = polygons.iter().map(|p| area(p).abs() / PI).collect();
        areas.sort_by(f64::total_cmp);
        assert_eq!(areas.len(), 3);
        for (found, expected) in areas.into_iter().zip([0.01, 0.25, 4.0]) {
            assert!((found - expected).abs() < 2e-3, "{found} {expected}");
        }
    }

    #[test]
    fn what_leaves_the_window_is_closed_along_its_rim() {
        let polygons = polygons(|x, _| x, &WINDOW, (50, 50));
        let [half] = polygons.as_slice() else {
            panic!("{} polygons", polygons.len())
        };
        assert!((area(half).abs() / (3.1 * 6.1) - 1.0).abs() < 0.05);
    }

    #[test]
    fn points_without_a_value_are_outside() {
        assert!(polygons(|_, _| f64::NAN, &WINDOW, (20, 20)).is_empty());
    }

    #[test]
    fn touching_corners_are_joined_if_the_centre_is_inside() {
        // Two opposite quadrants, and a bridge or none.
        let window = Viewport {
            re: (-1.5, 1.5),
            im: (-1.5, 1.5),
        };
        let count = |bridge: f64| polygons(|x, y| -x * y - bridge, &window, (3, 3)).len();
        assert_eq!((count(0.05), count(-0.05)), (1, 2));
    }
}
