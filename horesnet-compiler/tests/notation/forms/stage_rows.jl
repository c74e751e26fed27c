# Kutta's method of order 3: a row for each stage, with its zeros.
a_1 = [0, 0, 0]
a_2 = [1//2, 0, 0]
a_3 = [-1, 2, 0]
b = [1//6, 2//3, 1//6]
