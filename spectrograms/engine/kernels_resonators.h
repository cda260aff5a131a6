/* Gammatone filters in the time domain: each band is four second-order sections in a row with the same
 * poles, in transposed direct form II, started from rest in every frame. Vectorised across frames, so that
 * the recursion runs down the rows of a tile. */

/* Coefficients of a band: gain, p1, p2, q1..q4 for the sections
 *     H_i(z) = (1 + q_i / z) / (1 + p1 / z + p2 / z^2),   i = 1..4. */
#define RESONATOR_COEFFICIENTS 7

#if SG_VECTORS
#define STEP VECTOR_LANES
#define LANES V
#define LOAD(p) F_(load_v)(p)
#define STORE(p, v) F_(store_v)(p, v)
#define ZERO ((V){0})
#else
#define STEP 1
#define LANES T
#define LOAD(p) (*(p))
#define STORE(p, v) (*(p) = (v))
#define ZERO 0
#endif

SG_INLINE LANES F_(section)(LANES x, T p1, T p2, T q, LANES *s1, LANES *s2) {
    LANES y = x + *s1;
    *s1 = *s2 + q * x - p1 * y;
    *s2 = -p2 * y;
    return y;
}

static void F_(resonators)(const void *x, ptrdiff_t ldx, ptrdiff_t n_rows, const void *coefficients,
                           ptrdiff_t n_bands, void *y, ptrdiff_t ldy, ptrdiff_t lanes) {
    for (ptrdiff_t j = 0; j < lanes; j += STEP)
        for (ptrdiff_t b = 0; b < n_bands; b++) {
            const T *c = (const T *)coefficients + b * RESONATOR_COEFFICIENTS, *in = (const T *)x + j;
            T gain = c[0], p1 = c[1], p2 = c[2], q1 = c[3], q2 = c[4], q3 = c[5], q4 = c[6];
            LANES s11 = ZERO, s12 = ZERO, s21 = ZERO, s22 = ZERO, s31 = ZERO, s32 = ZERO, s41 = ZERO;
            LANES s42 = ZERO, energy = ZERO;
            for (ptrdiff_t k = 0; k < n_rows; k++, in += ldx) {
                LANES v = gain * LOAD(in);
                v = F_(section)(v, p1, p2, q1, &s11, &s12);
                v = F_(section)(v, p1, p2, q2, &s21, &s22);
                v = F_(section)(v, p1, p2, q3, &s31, &s32);
                v = F_(section)(v, p1, p2, q4, &s41, &s42);
                energy += v * v;
            }
            STORE((T *)y + b * ldy + j, energy);
        }
}

#undef STEP
#undef LANES
#undef LOAD
#undef STORE
#undef ZERO
