# The classical method: several names for one number, entries and names in one statement.
import numpy as np

half = middle = 1 / 2
b1 = b4 = 1 / 6
A = np.zeros((4, 4))
A[1, 0] = A[2, 1] = half
A[3, 2] = last = 1
b = weights = [b1, 1 / 3, 1 / 3, b4]
c = [0, middle, middle, last]
