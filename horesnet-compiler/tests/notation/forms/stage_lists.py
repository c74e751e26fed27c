# The classical method: a list for each stage.
a2 = [1 / 2]
a3 = [0, 1 / 2]
a4 = [0, 0, 1]
b = [1 / 6, 1 / 3, 1 / 3, 1 / 6]
c = [0, 1 / 2, 1 / 2, 1]
