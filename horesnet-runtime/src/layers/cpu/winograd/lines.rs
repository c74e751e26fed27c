//! The lines of Winograd's algorithms F(2×2, 3×3) and F(4×4, 3×3) (Lavin and Gray, CVPR 2016, arXiv:1509.09308).
//!
//! A tile is transformed line by line: first its rows, then the columns of the result. The lines evaluate polynomials at 0,
//! ±1 and ∞, and for tiles of 4×4 outputs also at ½ and -2: of small points, these lose the fewest digits in `f32` (about
//! one, beside direct convolution).

use crate::layers::cpu::float::{Float, mul_add};

/// `N` channels of one position in a tile.
type Lane<T, const N: usize> = [T; N];

/// The transforms of one line, for tiles of OUT outputs on a side, which read IN inputs.
pub(crate) trait Lines<const OUT: usize, const IN: usize> {
    fn input<T: Float, const FUSED: bool, const N: usize>(xs: [Lane<T, N>; IN])
    -> [Lane<T, N>; IN];

    fn output<T: Float, const FUSED: bool, const N: usize>(
        products: [Lane<T, N>; IN],
    ) -> [Lane<T, N>; OUT];

    /// The transpose of [`output`](Self::output).
    fn gradient<T: Float, const FUSED: bool, const N: usize>(
        gradients: [Lane<T, N>; OUT],
    ) -> [Lane<T, N>; IN];

    fn weight<T: Float, const N: usize>(weights: [Lane<T, N>; 3]) -> [Lane<T, N>; IN];

    /// The transpose of [`weight`](Self::weight).
    fn weight_gradient<T: Float, const N: usize>(sums: [Lane<T, N>; IN]) -> [Lane<T, N>; 3];
}

/// F(2×2, 3×3): 16 products a tile, where direct convolution has 36. Entries are 0, ±1 and ±½.
pub(crate) struct F2;

impl Lines<2, 4> for F2 {
    #[inline(always)]
    fn input<T: Float, const FUSED: bool, const N: usize>(
        [a, b, c, d]: [Lane<T, N>; 4],
    ) -> [Lane<T, N>; 4] {
        [minus(a, c), plus(b, c), minus(c, b), minus(b, d)]
    }

    #[inline(always)]
    fn output<T: Float, const FUSED: bool, const N: usize>(
        [a, b, c, d]: [Lane<T, N>; 4],
    ) -> [Lane<T, N>; 2] {
        [plus(a, plus(b, c)), minus(minus(b, c), d)]
    }

    #[inline(always)]
    fn gradient<T: Float, const FUSED: bool, const N: usize>(
        [a, b]: [Lane<T, N>; 2],
    ) -> [Lane<T, N>; 4] {
        [a, plus(a, b), minus(a, b), minus([T::ZERO; N], b)]
    }

    #[inline(always)]
    fn weight<T: Float, const N: usize>([a, b, c]: [Lane<T, N>; 3]) -> [Lane<T, N>; 4] {
        let (outer, inner) = (times(plus(a, c), 0.5), times(b, 0.5));
        [a, plus(outer, inner), minus(outer, inner), c]
    }

    #[inline(always)]
    fn weight_gradient<T: Float, const N: usize>([a, b, c, d]: [Lane<T, N>; 4]) -> [Lane<T, N>; 3] {
        let both = times(plus(b, c), 0.5);
        [plus(a, both), times(minus(b, c), 0.5), plus(both, d)]
    }
}

/// F(4×4, 3×3): 36 products a tile, where direct convolution has 144.
pub(crate) struct F4;

impl Lines<4, 6> for F4 {
    #[inline(always)]
    fn input<T: Float, const FUSED: bool, const N: usize>(
        [a, b, c, d, e, f]: [Lane<T, N>; 6],
    ) -> [Lane<T, N>; 6] {
        let (even, odd) = (minus(e, c), minus(d, b));
        [
            plus(add::<T, FUSED, N>(even, odd, 1.5), minus(a, c)),
            add::<T, FUSED, N>(plus(even, odd), plus(c, d), 1.5),
            add::<T, FUSED, N>(minus(even, odd), minus(d, c), 1.5),
            add::<T, FUSED, N>(even, odd, 2.0),
            add::<T, FUSED, N>(even, odd, -0.5),
            add::<T, FUSED, N>(minus(minus(f, d), odd), even, 1.5),
        ]
    }

    #[inline(always)]
    fn output<T: Float, const FUSED: bool, const N: usize>(
        [a, b, c, d, e, f]: [Lane<T, N>; 6],
    ) -> [Lane<T, N>; 4] {
        let (even, odd) = (plus(b, c), minus(b, c));
        let both =
            |start, half, two| add::<T, FUSED, N>(add::<T, FUSED, N>(start, d, half), e, two);
        [
            plus(plus(a, even), plus(d, e)),
            both(odd, 0.5, -2.0),
            both(even, 0.25, 4.0),
            plus(both(odd, 0.125, -8.0), f),
        ]
    }

    #[inline(always)]
    fn gradient<T: Float, const FUSED: bool, const N: usize>(
        [a, b, c, d]: [Lane<T, N>; 4],
    ) -> [Lane<T, N>; 6] {
        let (even, odd) = (plus(a, c), plus(b, d));
        let at = |point: f64| {
            let inner = add::<T, FUSED, N>(c, d, point);
            add::<T, FUSED, N>(a, add::<T, FUSED, N>(b, inner, point), point)
        };
        [a, plus(even, odd), minus(even, odd), at(0.5), at(-2.0), d]
    }

    #[inline(always)]
    fn weight<T: Float, const N: usize>([a, b, c]: [Lane<T, N>; 3]) -> [Lane<T, N>; 6] {
        let outer = plus(a, c);
        let half = plus(a, plus(times(b, 0.5), times(c, 0.25)));
        let two = plus(a, plus(times(b, -2.0), times(c, 4.0)));
        [
            a,
            times(plus(outer, b), 1.0 / 3.0),
            times(minus(b, outer), 1.0 / 3.0),
            times(half, -16.0 / 15.0),
            times(two, 1.0 / 15.0),
            c,
        ]
    }

    #[inline(always)]
    fn weight_gradient<T: Float, const N: usize>(
        [a, b, c, d, e, f]: [Lane<T, N>; 6],
    ) -> [Lane<T, N>; 3] {
        let (even, odd) = (times(minus(b, c), 1.0 / 3.0), times(plus(b, c), 1.0 / 3.0));
        let (half, two) = (times(d, -16.0 / 15.0), times(e, 1.0 / 15.0));
        let rest = |half_times, two_times| plus(times(half, half_times), times(two, two_times));
        [
            plus(plus(a, even), plus(half, two)),
            plus(odd, rest(0.5, -2.0)),
            plus(plus(even, f), rest(0.25, 4.0)),
        ]
    }
}

#[inline(always)]
fn plus<T: Float, const N: usize>(mut a: Lane<T, N>, b: Lane<T, N>) -> Lane<T, N> {
    for lane in 0..N {
        a[lane] += b[lane];
    }
    a
}

#[inline(always)]
fn minus<T: Float, const N: usize>(mut a: Lane<T, N>, b: Lane<T, N>) -> Lane<T, N> {
    for lane in 0..N {
        a[lane] -= b[lane];
    }
    a
}

#[inline(always)]
fn times<T: Float, const N: usize>(mut a: Lane<T, N>, factor: f64) -> Lane<T, N> {
    for a in &mut a {
        *a *= T::from_f64(factor);
    }
    a
}

/// `a + factor·b`
#[inline(always)]
fn add<T: Float, const FUSED: bool, const N: usize>(
    mut a: Lane<T, N>,
    b: Lane<T, N>,
    factor: f64,
) -> Lane<T, N> {
    for lane in 0..N {
        a[lane] = mul_add::<T, FUSED>(b[lane], T::from_f64(factor), a[lane]);
    }
    a
}
