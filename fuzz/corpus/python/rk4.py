import numpy as np
from fractions import Fraction as F
A = np.zeros((4, 4))
A[1, 0] = F(1, 2)
A[2, 1] = 1/2
A[3][2] = 1.0
b = np.array([1, 2, 2, 1]) / 6
c = A.sum(axis=1)
order = 4
