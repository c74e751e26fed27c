! Ralston's method of order 2: a name for each number.
data rounded /1d-17/
data a21 /0.666666666666666667d0/
data b1, b2 /0.25d0, 0.75d0/
data c1, c2 /0.0, 0.666666666666666667d0/
