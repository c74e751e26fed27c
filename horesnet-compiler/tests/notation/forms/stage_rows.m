% Heun's method of order 3: the nodes and the rows below the first.
c = [0 1/3 2/3];
a2 = [1/3 0 0];
a3 = [0 2/3 0];
b = [1/4 0 3/4];
