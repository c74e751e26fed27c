C     Kutta's 3/8 rule, in fixed form: values of entries, of names and of implied loops.
      SUBROUTINE COEFFS
      DOUBLE PRECISION A(4,4), B(4), C(4)
      INTEGER I, J
C     Entries that are not given are zero.
      DATA A(2,1) /0.333333333333333333D0/, A(3,1), A(3,2)
     1     /-0.333333333333333333D0, 1.0D0/
      DATA (A(4,J), J=1,3) /1.0D0, -1.0D0, 1.D0/
      DATA (B(I), I=1,4) /0.125D0, 2*0.375D0,
C     The last.
     2     0.125D0/
      DATA C /0.0D0, 0.333333333333333333D0,
     &        0.666666666666666667D0, 1./
      DATA rounded /1D-17/
      END
