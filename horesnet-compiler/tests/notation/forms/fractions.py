from fractions import Fraction as F
gamma = F(1, 4)
nodes = [gamma, F(3, 4), F(11, 20), F(1, 2), 1]
matrix = [[gamma], [F(1,2), gamma], [F(17,50), F(-1,25), gamma], [F(371,1360), F(-137,2720), F(15,544), gamma],
  [F(25,24), F(-49,48), F(125,16), F(-85,12), gamma]]
weights = matrix[-1]
weights_hat = [F(59,48), F(-17,96), F(225,32), F(-85,12), 0]
