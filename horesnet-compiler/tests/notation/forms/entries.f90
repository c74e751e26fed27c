subroutine coeffs(a, b, c)
  real*8 a(4,4), b(4), c(4)
  a(2,1) = 0.5d0
  a(3,2) = 0.5d0
  a(4,3) = 1.0d0
  b(1) = 1.0d0/6.0d0
  b(2) = 1.0d0/3.0d0
  b(3) = 1.0d0/3.0d0
  b(4) = 1.0d0/6.0d0
  c(2) = 0.5d0
  c(3) = 0.5d0
  c(4) = 1.0d0
end subroutine
