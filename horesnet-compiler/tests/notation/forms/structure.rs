/// Ralston's method.
pub const RALSTON: Tableau<2> = Tableau {
    a: [[0.0, 0.0], [2.0 / 3.0, 0.0]],
    b: [1.0 / 4.0, 3.0 / 4.0],
    c: [0.0, 2.0 / 3.0],
};
