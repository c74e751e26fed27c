double[,] A = new double[,] { {0, 0}, {0.5, 0} };
double[] b = new double[] {0, 1};
