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
#define SG_LN2_HEAD 0x1.62e42f8000000p-1
#define SG_LN2_TAIL 0x1.be8e7bcd5e4f2p-27

#define SG_LOG10_2 0x1.34413509f79ffp-2
#define SG_LOG10_2_HEAD 0x1.3441350000000p-2
#define SG_LOG10_2_TAIL 0x1.3ef3fde623e25p-31

#define SG_LOG10_E 0x1.bcb7b1526e50ep-2
#define SG_LOG10_E_HEAD 0x1.bcb7b10000000p-2
#define SG_LOG10_E_TAIL 0x1.49b9438ca9aaep-28
