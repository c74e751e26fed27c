! Kutta's method of order 3: a name for each number.
real(wp), parameter :: a21 = 1.0_wp/2.0_wp
real(wp), parameter :: a31 = -1.0_wp, a32 = 2.0_wp
real(wp), parameter :: b1 = 1.0_wp/6.0_wp, b2 = 2.0_wp/3.0_wp, b3 = 1.0_wp/6.0_wp
