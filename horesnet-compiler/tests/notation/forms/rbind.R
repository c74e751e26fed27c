# Heun's method
A <- rbind(c(0, 0), c(1, 0))
b <- c(0.5, 0.5)
c <- c(0, 1)
