public class RK { static final double[][] A = {{0,0},{0.5,0}}; static final double[] B = {0,1}; static final double[] C = {0,0.5}; }
