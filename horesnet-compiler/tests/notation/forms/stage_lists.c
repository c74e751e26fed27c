/* Fehlberg's pair: a list for each row from the third on, weights by name, an error row whose indices count from 1. */
static const double ah[] = { 1.0/4.0, 3.0/8.0, 12.0/13.0, 1.0, 1.0/2.0 };
static const double b3[] = { 3.0/32.0, 9.0/32.0 };
static const double b4[] = { 1932.0/2197.0, -7200.0/2197.0, 7296.0/2197.0 };
static const double b5[] = { 439.0/216.0, -8.0, 3680.0/513.0, -845.0/4104.0 };
static const double b6[] = { -8.0/27.0, 2.0, -3544.0/2565.0, 1859.0/4104.0, -11.0/40.0 };

static const double c1 = 16.0/135.0;
static const double c3 = 6656.0/12825.0;
static const double c4 = 28561.0/56430.0;
static const double c5 = -9.0/50.0;
static const double c6 = 2.0/55.0;

static const double ec[] = { 0.0, 1.0/360.0, 0.0, -128.0/4275.0, -2197.0/75240.0, 1.0/50.0, 2.0/55.0 };
