# NodePy: rows from 0
alpha = [[0,0],[1,0],[1/2,1/2]]
beta = [[0,0],[1,0],[0,1/2]]
