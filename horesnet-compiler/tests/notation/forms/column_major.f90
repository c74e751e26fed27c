module rk
  implicit none
  integer, parameter :: dp = kind(1.0d0)
  ! Heun's third-order method
  real(dp), parameter :: a(3,3) = reshape([ &
     0.0_dp, 1.0_dp/3.0_dp, 0.0_dp, &   ! first column
     0.0_dp, 0.0_dp, 2.0_dp/3.0_dp, &
     0.0_dp, 0.0_dp, 0.0_dp ], [3, 3])
  real(dp), parameter :: b(3) = [0.25d0, 0.0d0, 0.75d0]
  real(dp), parameter :: c(3) = (/ 0.0_dp, 1.0_dp/3.0_dp, 2.0_dp/3.0_dp /)
end module rk
