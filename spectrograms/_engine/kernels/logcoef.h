/* Written by benchmarks/fit_log.py: coefficients of the logarithm in bodies/element.inc. */

/* ln m = t + t^2 P(t), relative error 4.09e-09 before rounding */
#define SG_LN_F32_0 -0x1.fffff80000000p-2f
#define SG_LN_F32_1 0x1.5555500000000p-2f
#define SG_LN_F32_2 -0x1.0004260000000p-2f
#define SG_LN_F32_3 0x1.99a3fa0000000p-3f
#define SG_LN_F32_4 -0x1.54276a0000000p-3f
#define SG_LN_F32_5 0x1.22712a0000000p-3f
#define SG_LN_F32_6 -0x1.0f36f20000000p-3f
#define SG_LN_F32_7 0x1.084a820000000p-3f
#define SG_LN_F32_8 -0x1.3837380000000p-4f
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
