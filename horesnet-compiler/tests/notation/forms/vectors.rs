fn rk4() -> (Vec<Vec<f64>>, Vec<f64>, Vec<f64>) {
    let a = vec![vec![0.0; 4]; 4];
    let a = vec![vec![], vec![0.5], vec![0.0, 0.5], vec![0.0, 0.0, 1.0]];
    let b = vec![1. / 6., 1. / 3., 1. / 3., 1. / 6.];
    let c = vec![0., 0.5, 0.5, 1.];
    (a, b, c)
}
