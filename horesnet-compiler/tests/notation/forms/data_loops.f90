! Bogacki and Shampine's pair: one loop in another, the rows below the diagonal.
real*8 a(4,4), b(4), bhat(4)
data ((a(i,j), j=1,i-1), i=2,4) /0.5d0, 0.0d0, 0.75d0, .222222222222222222d0, .333333333333333333d0, .444444444444444444d0/
data (b(i), i=1,3) /.222222222222222222d0, .333333333333333333d0, .444444444444444444d0/, b(4) /0.0d0/
data bhat /.291666666666666667d0, 0.25d0, .333333333333333333d0, 0.125d0/
data rounded /1d-17/
