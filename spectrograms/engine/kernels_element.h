/* Element by element, in place. */

#if !SG_SINGLE && defined(__GNUC__) && defined(__AVX512F__)
/* The instruction for eight square roots takes as long as some forty products. From an estimate to 14 bits, two
 * steps double the digits of g -> sqrt(x) and h -> 1 / (2 g), and the last rounds g as the instruction would. */
SG_INLINE __m512d roots(__m512d x) {
    const __m512d half = _mm512_set1_pd(0.5);
    __m512d y = _mm512_rsqrt14_pd(x), g = _mm512_mul_pd(x, y), h = _mm512_mul_pd(y, half);
    for (int step = 0; step < 2; step++) {
        __m512d rest = _mm512_fnmadd_pd(g, h, half);
        g = _mm512_fmadd_pd(g, rest, g);
        h = _mm512_fmadd_pd(h, rest, h);
    }
    g = _mm512_fmadd_pd(_mm512_fnmadd_pd(g, g, x), h, g);
    /* 0, NaN, inf and what may underflow or overflow on the way are left to the instruction. */
    __mmask8 plain = _mm512_cmp_pd_mask(x, _mm512_set1_pd(1e-280), _CMP_GE_OQ) &
                     _mm512_cmp_pd_mask(x, _mm512_set1_pd(1e300), _CMP_LE_OQ);
    return plain == 0xff ? g : _mm512_mask_mov_pd(_mm512_sqrt_pd(x), plain, g);
}

/* The larger of two numbers is the second where one is NaN, so NaN stays. */
static void F_(root)(void *a, ptrdiff_t n, double add, double floor) {
    const __m512d plus = _mm512_set1_pd(add), least = _mm512_set1_pd(floor);
    double *v = a;
    for (; n >= 8; n -= 8, v += 8) {
        _mm512_storeu_pd(v, roots(_mm512_max_pd(least, _mm512_add_pd(_mm512_loadu_pd(v), plus))));
    }
    const __mmask8 rest = (__mmask8)((1 << n) - 1);
    __m512d x = _mm512_max_pd(least, _mm512_add_pd(_mm512_maskz_loadu_pd(rest, v), plus));
    if (n > 0) _mm512_mask_storeu_pd(v, rest, roots(x));
}
#else
static void F_(root)(void *a, ptrdiff_t n, double add, double floor) {
    T *v = a, plus = (T)add, least = (T)floor;
    for (ptrdiff_t i = 0; i < n; i++) {
        T x = v[i] + plus;
        v[i] = T_SQRT(x < least ? least : x);
    }
}
#endif

static void F_(power)(void *a, ptrdiff_t n, double exponent) {
    T *v = a, e = (T)exponent;
    if (exponent == 2) {
        for (ptrdiff_t i = 0; i < n; i++) v[i] *= v[i];
    } else if (exponent != 1) {
        for (ptrdiff_t i = 0; i < n; i++) v[i] = T_POW(v[i], e);
    }
}

/* ln of a positive normal number a = m * 2^e, sqrt(1/2) <= m < sqrt(2); anything for other inputs.
 * e and m come out of the bits: with the bits of sqrt(1/2) subtracted, the exponent field changes
 * at sqrt(1/2) * 2^e. */
#if SG_SINGLE
SG_INLINE float F_(ln)(float a) {
    uint32_t bits;
    float m;
    memcpy(&bits, &a, 4);
    bits += 0x3f800000u - 0x3f3504f3u;
    float e = (float)((int32_t)(bits >> 23) - 127);
    bits = (bits & 0x007fffffu) + 0x3f3504f3u;
    memcpy(&m, &bits, 4);
    float t = m - 1, p = SG_LN_F32_8;
    p = p * t + SG_LN_F32_7;
    p = p * t + SG_LN_F32_6;
    p = p * t + SG_LN_F32_5;
    p = p * t + SG_LN_F32_4;
    p = p * t + SG_LN_F32_3;
    p = p * t + SG_LN_F32_2;
    p = p * t + SG_LN_F32_1;
    p = p * t + SG_LN_F32_0;
    float low = e * SG_LN2_LOW_F32;
    low = (t * t) * p + low;
    return e * SG_LN2_HIGH_F32 + (t + low);
}
#else
SG_INLINE double F_(ln)(double a) {
    uint64_t bits, exponent;
    double m, e;
    memcpy(&bits, &a, 8);
    bits += 0x3ff0000000000000u - 0x3fe6a09e00000000u;
    /* AVX2 cannot convert 64-bit integers: put the biased exponent into the bits of 2^52. */
    exponent = (bits >> 52) | 0x4330000000000000u;
    memcpy(&e, &exponent, 8);
    e -= 0x1p52 + 1023;
    bits = (bits & 0x000fffffffffffffu) + 0x3fe6a09e00000000u;
    memcpy(&m, &bits, 8);
    double t = m - 1, s = t / (m + 1), z = s * s, h = 0.5 * t * t, q = SG_LN_F64_6;
    q = q * z + SG_LN_F64_5;
    q = q * z + SG_LN_F64_4;
    q = q * z + SG_LN_F64_3;
    q = q * z + SG_LN_F64_2;
    q = q * z + SG_LN_F64_1;
    q = q * z + SG_LN_F64_0;
    double low = e * SG_LN2_LOW_F64;
    low = s * (h + z * q) + low;
    return e * SG_LN2_HIGH_F64 + (t - (h - low));
}
#endif

/* mul * ln(lowest). When mul turns ln into a whole multiple of log10, as for dB, log10 makes the result
 * exact for floors such as -80 dB. */
static double F_(scaled_ln)(double mul, double lowest) {
    double decades = mul * 2.302585092994045684;
    return decades == rint(decades) ? decades * log10(lowest) : mul * log(lowest);
}

static void F_(log)(void *a, ptrdiff_t n, double mul, double add, double floor) {
    T *v = a, plus = (T)add, least = (T)floor;
    T factor = (T)mul, factor_low = (T)(mul - (double)factor);
    int raised = !(least >= T_MIN);
    if (raised) least = T_MIN;
    T at_least = (T)F_(scaled_ln)(mul, raised ? (double)T_MIN : floor);
    T bottom = mul >= 0 ? at_least : -(T)INFINITY;
    for (ptrdiff_t i = 0; i < n; i++) {
        T c = v[i] + plus, ln = F_(ln)(c), low = ln * factor_low, r = ln * factor + low;
        r = r < bottom ? bottom : r;  /* rounding must not lead below the floor */
        r = c <= T_MAX ? r : c;       /* NaN and inf are kept */
        v[i] = c <= least ? at_least : r;
    }
}
