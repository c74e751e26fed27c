#= a block =#
r = sqrt(big"6")
A = [0 0; 1-r/3 0]
b = [0.5; 0.5]
