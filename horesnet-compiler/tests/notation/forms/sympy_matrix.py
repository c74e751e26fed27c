from sympy import *
s3 = sqrt(3)
A = Matrix([[Rational(1,4), Rational(1,4)-s3/6],[Rational(1,4)+s3/6, Rational(1,4)]])
b = Matrix([Rational(1,2), Rational(1,2)])
c = Matrix([Rational(1,2)-s3/6, Rational(1,2)+s3/6])
