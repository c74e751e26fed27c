/* Cash and Karp's pair: the second row is a number. */
static const double ah[] = { 1.0/5.0, 0.3, 3.0/5.0, 1.0, 7.0/8.0 };
static const double b21 = 1.0/5.0;
static const double b3[] = { 3.0/40.0, 9.0/40.0 };
static const double b4[] = { 0.3, -0.9, 1.2 };
static const double b5[] = { -11.0/54.0, 2.5, -70.0/27.0, 35.0/27.0 };
static const double b6[] = { 1631.0/55296.0, 175.0/512.0, 575.0/13824.0, 44275.0/110592.0, 253.0/4096.0 };
static const double c1 = 37.0/378.0;
static const double c3 = 250.0/621.0;
static const double c4 = 125.0/594.0;
static const double c6 = 512.0/1771.0;
static const double ec[] = {
  0.0,
  37.0/378.0 - 2825.0/27648.0,
  0.0,
  250.0/621.0 - 18575.0/48384.0,
  125.0/594.0 - 13525.0/55296.0,
  -277.0/14336.0,
  512.0/1771.0 - 0.25
};

static int
step (double h, double y[], double yerr[], size_t dim, state_t * state, const system_t * sys, double t)
{
  double *const k1 = state->k1;
  double *const k2 = state->k2;
  double *const ytmp = state->ytmp;
  size_t i;

  for (i = 0; i < dim; i++)
    ytmp[i] = y[i] + b21 * h * k1[i];
  {
    int s = evaluate (sys, t + ah[0] * h, ytmp, k2);
    if (s != SUCCESS)
      return s;
  }
  for (i = 0; i < dim; i++)
    ytmp[i] = y[i] + h * (b3[0] * k1[i] + b3[1] * k2[i]);
  for (i = 0; i < dim; i++)
    {
      const double d_i = c1 * k1[i] + c3 * k2[i];
      y[i] += h * d_i;
      yerr[i] = h * (ec[1] * k1[i] + ec[3] * k2[i]);
    }
  return SUCCESS;
}
