#include <math.h>
#define G 0.2928932188134524
double sdirk(double t) { return t * 2; }
static const realtype g = 1.0 - sqrt(2.0)/2.0; /* gamma */
const double A[2][2] = { { 1.0 - sqrt(2.0)/2.0, 0.0 },  // first
                         { sqrt(2.0)/2.0, 1.0 - sqrt(2.0)/2.0 } };
const double b[2] = { sqrt(2.0)/2.0, 1.0 - sqrt(2.0)/2.0 };
