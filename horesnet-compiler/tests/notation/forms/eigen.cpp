#include <Eigen/Dense>
// Kutta's third-order method
Eigen::Matrix3d A;
A << 0, 0, 0,
     0.5, 0, 0,
     -1, 2, 0;
Eigen::Vector3d b, c;
b << 1.0/6, 2.0/3, 1.0/6;
c << 0, 0.5, 1;
