/* Ralston's method of order 3. */
#define A21 (1.0/2.0)
#define A31 (0.0)
#define A32 (3.0/4.0)
#define B1 (2.0/9.0)
#define B2 (1.0/3.0)
#define B3 (4.0/9.0)
