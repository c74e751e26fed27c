let a = array![[0.0, 0.0], [0.5, 0.0]];
let b = array![0.0, 1.0];
let c = Array1::from(vec![0.0, 0.5]);
