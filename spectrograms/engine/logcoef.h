/* Written by benchmarks/fit_log.py: coefficients of the logarithm in kernels_element.h. */

/* ln m = t + t^2 P(t), relative error 3.00e-08 before rounding */
#define SG_LN_F32_0 -0x1.fffffa0000000p-2f
#define SG_LN_F32_1 0x1.5556f40000000p-2f
#define SG_LN_F32_2 -0x1.00049a0000000p-2f
#define SG_LN_F32_3 0x1.98d2c00000000p-3f
#define SG_LN_F32_4 -0x1.535d560000000p-3f
#define SG_LN_F32_5 0x1.31854e0000000p-3f
#define SG_LN_F32_6 -0x1.2503880000000p-3f
#define SG_LN_F32_7 0x1.65c3ba0000000p-4f
#define SG_LN2_HIGH_F32 0x1.62e4000000000p-1f
#define SG_LN2_LOW_F32 0x1.7f7d1c0000000p-20f

/* ln m = 2 s + s z Q(z), z = s^2, relative error 1.23e-18 before rounding */
#define SG_LN_F64_0 0x1.5555555555592p-1
#define SG_LN_F64_1 0x1.999999997fee8p-2
#define SG_LN_F64_2 0x1.24924941e0d35p-2
#define SG_LN_F64_3 0x1.c71c521643906p-3
#define SG_LN_F64_4 0x1.74663c53f5a62p-3
#define SG_LN_F64_5 0x1.39a1fbb974cf8p-3
#define SG_LN_F64_6 0x1.2f02e2dc6a841p-3
#define SG_LN2_HIGH_F64 0x1.62e42fefa3000p-1
#define SG_LN2_LOW_F64 0x1.3de6af278ece6p-42
