/* Loads and stores for kernels_split_step.h: _s one scalar, a vector of one lane; _v one whole vector.
 *
 * A "pair" is `lanes` consecutive complex numbers, taken apart into real and imaginary parts; "mirrored"
 * counts from the last to the first. Nothing here needs alignment.
 */

SG_INLINE T F_(load_s)(const T *p) { return *p; }
SG_INLINE void F_(load_pair_s)(const T *p, T *re, T *im) { *re = p[0], *im = p[1]; }
SG_INLINE void F_(store_s)(T *p, T v) { *p = v; }
SG_INLINE void F_(store_pair_s)(T *p, T re, T im) { p[0] = re, p[1] = im; }

#if SG_VECTORS
typedef T F_(vector) __attribute__((vector_size(SG_VECTOR_BYTES)));
#define V F_(vector)

SG_INLINE V F_(load_v)(const T *p) {
    V v;
    memcpy(&v, p, sizeof v);
    return v;
}

SG_INLINE void F_(store_v)(T *p, V v) { memcpy(p, &v, sizeof v); }

SG_INLINE V F_(load_mirrored_v)(const T *p) {
    V v = F_(load_v)(p);
    return SG_SHUFFLE(v, v, SG_LIST(DOWN));
}

SG_INLINE void F_(store_mirrored_v)(T *p, V v) {
    F_(store_v)(p, SG_SHUFFLE(v, v, SG_LIST(DOWN)));
}

#if SG_VECTOR_BYTES >= 32
/* 32 bytes from two places. AVX2 shuffles stay within 16 bytes, or are slow, or know one operand only;
 * loading the halves where they are needed is cheaper: an insert from memory is no shuffle. */
typedef T F_(half) __attribute__((vector_size(16)));
typedef T F_(two_halves) __attribute__((vector_size(32)));

SG_INLINE F_(two_halves) F_(load_halves)(const T *low, const T *high) {
    F_(half) a, b;
    memcpy(&a, low, 16);
    memcpy(&b, high, 16);
#if SG_SINGLE
    return SG_SHUFFLE(a, b, 0, 1, 2, 3, 4, 5, 6, 7);
#else
    return SG_SHUFFLE(a, b, 0, 1, 2, 3);
#endif
}
#endif

#if SG_VECTOR_BYTES == 32
#if SG_SINGLE
#define EVEN_WITHIN 0, 2, 8, 10, 4, 6, 12, 14
#define ODD_WITHIN 1, 3, 9, 11, 5, 7, 13, 15
#define EVEN_DOWN_WITHIN 2, 0, 10, 8, 6, 4, 14, 12
#define ODD_DOWN_WITHIN 3, 1, 11, 9, 7, 5, 15, 13
#define ZIP_LOW_WITHIN 0, 8, 1, 9, 4, 12, 5, 13
#define ZIP_HIGH_WITHIN 2, 10, 3, 11, 6, 14, 7, 15
#define LOW_HALVES 0, 1, 2, 3, 8, 9, 10, 11
#define HIGH_HALVES 4, 5, 6, 7, 12, 13, 14, 15
#define LOW_HALVES_DOWN 10, 11, 8, 9, 2, 3, 0, 1
#define HIGH_HALVES_DOWN 14, 15, 12, 13, 6, 7, 4, 5
#else
#define EVEN_WITHIN 0, 4, 2, 6
#define ODD_WITHIN 1, 5, 3, 7
#define EVEN_DOWN_WITHIN EVEN_WITHIN
#define ODD_DOWN_WITHIN ODD_WITHIN
#define ZIP_LOW_WITHIN 0, 4, 2, 6
#define ZIP_HIGH_WITHIN 1, 5, 3, 7
#define LOW_HALVES 0, 1, 4, 5
#define HIGH_HALVES 2, 3, 6, 7
#define LOW_HALVES_DOWN 4, 5, 0, 1
#define HIGH_HALVES_DOWN 6, 7, 2, 3
#endif
#define HALF (VECTOR_LANES / 2)

SG_INLINE void F_(load_pair_v)(const T *p, V *re, V *im) {
    V a = F_(load_halves)(p, p + 2 * HALF), b = F_(load_halves)(p + HALF, p + 3 * HALF);
    *re = SG_SHUFFLE(a, b, EVEN_WITHIN), *im = SG_SHUFFLE(a, b, ODD_WITHIN);
}

SG_INLINE void F_(load_pair_mirrored_v)(const T *p, V *re, V *im) {
    V a = F_(load_halves)(p + 3 * HALF, p + HALF), b = F_(load_halves)(p + 2 * HALF, p);
    *re = SG_SHUFFLE(a, b, EVEN_DOWN_WITHIN), *im = SG_SHUFFLE(a, b, ODD_DOWN_WITHIN);
}

SG_INLINE void F_(store_pair_v)(T *p, V re, V im) {
    V a = SG_SHUFFLE(re, im, ZIP_LOW_WITHIN), b = SG_SHUFFLE(re, im, ZIP_HIGH_WITHIN);
    F_(store_v)(p, SG_SHUFFLE(a, b, LOW_HALVES));
    F_(store_v)(p + VECTOR_LANES, SG_SHUFFLE(a, b, HIGH_HALVES));
}

SG_INLINE void F_(store_pair_mirrored_v)(T *p, V re, V im) {
    V a = SG_SHUFFLE(re, im, ZIP_LOW_WITHIN), b = SG_SHUFFLE(re, im, ZIP_HIGH_WITHIN);
    F_(store_v)(p, SG_SHUFFLE(a, b, HIGH_HALVES_DOWN));
    F_(store_v)(p + VECTOR_LANES, SG_SHUFFLE(a, b, LOW_HALVES_DOWN));
}

#undef EVEN_WITHIN
#undef ODD_WITHIN
#undef EVEN_DOWN_WITHIN
#undef ODD_DOWN_WITHIN
#undef ZIP_LOW_WITHIN
#undef ZIP_HIGH_WITHIN
#undef LOW_HALVES
#undef HIGH_HALVES
#undef LOW_HALVES_DOWN
#undef HIGH_HALVES_DOWN
#undef HALF

#else

SG_INLINE void F_(load_pair_v)(const T *p, V *re, V *im) {
    V a = F_(load_v)(p), b = F_(load_v)(p + VECTOR_LANES);
    *re = SG_SHUFFLE(a, b, SG_LIST(EVEN)), *im = SG_SHUFFLE(a, b, SG_LIST(ODD));
}

SG_INLINE void F_(load_pair_mirrored_v)(const T *p, V *re, V *im) {
    V a = F_(load_v)(p), b = F_(load_v)(p + VECTOR_LANES);
    *re = SG_SHUFFLE(a, b, SG_LIST(EVEN_DOWN)), *im = SG_SHUFFLE(a, b, SG_LIST(ODD_DOWN));
}

SG_INLINE void F_(store_pair_v)(T *p, V re, V im) {
    F_(store_v)(p, SG_SHUFFLE(re, im, SG_LIST(ZIP_FIRST)));
    F_(store_v)(p + VECTOR_LANES, SG_SHUFFLE(re, im, SG_LIST(ZIP_SECOND)));
}

SG_INLINE void F_(store_pair_mirrored_v)(T *p, V re, V im) {
    F_(store_v)(p, SG_SHUFFLE(re, im, SG_LIST(ZIP_DOWN_FIRST)));
    F_(store_v)(p + VECTOR_LANES, SG_SHUFFLE(re, im, SG_LIST(ZIP_DOWN_SECOND)));
}
#endif
#endif
