# The pair of Bogacki and Shampine: the last weight, 0, is left out.
A = [[], [1/2], [0, 3/4], [2/9, 1/3, 4/9]]
b = [2/9, 1/3, 4/9]
b_hat = [7/24, 1/4, 1/3, 1/8]
