constexpr std::array<std::array<double, 2>, 2> A = {{ {{0.0, 0.0}}, {{0.5, 0.0}} }};
constexpr std::array<double, 2> b = {0.0, 1.0};
