var A = [][]float64{{0, 0}, {0.5, 0}}
var b = []float64{0, 1}
