/* Transposes: from frame-major scratch to bin-major tiles and outputs. */

static void F_(transpose)(const void *src, ptrdiff_t lds, void *dst, ptrdiff_t ldd,
                          ptrdiff_t rows, ptrdiff_t cols) {
    const T *s = src;
    T *SG_RESTRICT d = dst;
    for (ptrdiff_t c = 0; c < cols; c++)
        for (ptrdiff_t r = 0; r < rows; r++) d[c * ldd + r] = s[r * lds + c];
}

static void F_(transpose_complex)(const void *src, ptrdiff_t lds, void *dst, ptrdiff_t ldd,
                                  ptrdiff_t rows, ptrdiff_t cols) {
    const T *s = src;
    T *SG_RESTRICT d = dst;
    for (ptrdiff_t c = 0; c < cols; c++)
        for (ptrdiff_t r = 0; r < rows; r++) {
            d[2 * (c * ldd + r)] = s[2 * (r * lds + c)];
            d[2 * (c * ldd + r) + 1] = s[2 * (r * lds + c) + 1];
        }
}
