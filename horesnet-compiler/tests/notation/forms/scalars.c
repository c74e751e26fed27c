/* Bogacki-Shampine */
static const double c2 = 1.0/2.0, c3 = 3.0/4.0;
static const double a21 = 1.0/2.0;
static const double a32 = 3.0/4.0;
static const double a41 = 2.0/9.0, a42 = 1.0/3.0, a43 = 4.0/9.0;
static const double b1 = 2.0/9.0, b2 = 1.0/3.0, b3 = 4.0/9.0, b4 = 0.0;
