      DOUBLE PRECISION A21, A31, A32, B1, B2, B3
*     Kutta's method of order 3.
      PARAMETER (A21 = 0.5D0, A31 = -1.0D0, A32 = 2.0D0)
      PARAMETER (B1 = 1.0D0/6.0D0,
     $           B2 = 2.0D0/3.0D0, B3 = 1.0D0/6.0D0)
