/* Written by benchmarks/fit_log.py: coefficients of the logarithm in bodies/element.inc. */

/* ln m = t + t^2 P(t), relative error 4.09e-09 before rounding */
#define SG_LN_F32 { \
    -0x1.fffff82b5b149p-2, 0x1.555550232af86p-2, -0x1.000426bb07105p-2, \
    0x1.99a3fa314b245p-3, -0x1.5427691b5550ep-3, 0x1.22712a47e70b1p-3, \
    -0x1.0f36f2dcf6243p-3, 0x1.084a81e4764e7p-3, -0x1.38373809641e5p-4 }

/* ln m = 2 s + s z Q(z), z = s^2, relative error 1.23e-18 before rounding */
#define SG_LN_F64 { \
    0x1.5555555555592p-1, 0x1.999999997fee8p-2, 0x1.24924941e0d35p-2, \
    0x1.c71c521643906p-3, 0x1.74663c53f5a62p-3, 0x1.39a1fbb974cf8p-3, \
    0x1.2f02e2dc6a841p-3 }

#define SG_LN2 0x1.62e42fefa39efp-1
#define SG_LN2_HIGH_F64 0x1.62e42fefa3000p-1
#define SG_LN2_LOW_F64 0x1.3de6af278ece6p-42
