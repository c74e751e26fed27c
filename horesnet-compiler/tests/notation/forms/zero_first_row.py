# The classical method: rows of its lower triangle, the first with a zero.
c = [0, 1/2, 1/2, 1]
A = [[0], [1/2], [0, 1/2], [0, 0, 1]]
b = [1/6, 1/3, 1/3, 1/6]
