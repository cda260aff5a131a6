/* Banks and column operations on tiles, vectorised across frames: no reassociation, no sums across
 * lanes, and every frame is computed alike. */

#if SG_VECTORS
/* One band over `count` vectors of frames. Bins alternate between two sums, which also hides the latency
 * of the additions. The accumulators must be vectors: gcc keeps arrays of scalars in memory. */
SG_INLINE void F_(bank_part)(const T *in, ptrdiff_t ldx, const T *w, ptrdiff_t length, T *out, int count) {
    V even[4], odd[4];
    ptrdiff_t k = 0;
    for (int v = 0; v < count; v++) even[v] = odd[v] = (V){0};
    for (; k + 2 <= length; k += 2, in += 2 * ldx) {
        T w0 = w[k], w1 = w[k + 1];
        for (int v = 0; v < count; v++) {
            even[v] += w0 * F_(load_v)(in + v * VECTOR_LANES);
            odd[v] += w1 * F_(load_v)(in + ldx + v * VECTOR_LANES);
        }
    }
    if (k < length)
        for (int v = 0; v < count; v++) even[v] += w[k] * F_(load_v)(in + v * VECTOR_LANES);
    for (int v = 0; v < count; v++) F_(store_v)(out + v * VECTOR_LANES, even[v] + odd[v]);
}

static void F_(bank)(const void *x, ptrdiff_t ldx, const sg_band *bands, ptrdiff_t n_bands,
                     const void *weights, void *y, ptrdiff_t ldy, ptrdiff_t lanes) {
    for (ptrdiff_t b = 0; b < n_bands; b++) {
        const T *w = (const T *)weights + bands[b].offset, *in = (const T *)x + bands[b].start * ldx;
        T *out = (T *)y + b * ldy;
        ptrdiff_t length = bands[b].length, j = 0;
        for (; j + 4 * VECTOR_LANES <= lanes; j += 4 * VECTOR_LANES)
            F_(bank_part)(in + j, ldx, w, length, out + j, 4);
        for (; j + 2 * VECTOR_LANES <= lanes; j += 2 * VECTOR_LANES)
            F_(bank_part)(in + j, ldx, w, length, out + j, 2);
        for (; j < lanes; j += VECTOR_LANES) F_(bank_part)(in + j, ldx, w, length, out + j, 1);
    }
}

/* `rows` bands over `count` vectors of frames: each vector of x is loaded once for all the bands. */
SG_INLINE void F_(dense_part)(const T *in, ptrdiff_t ldx, const T *w, ptrdiff_t n_rows,
                              T *out, ptrdiff_t ldy, int rows, int count) {
    V sums[4][DENSE_VECTORS];
    for (int b = 0; b < rows; b++)
        for (int v = 0; v < count; v++) sums[b][v] = (V){0};
    for (ptrdiff_t k = 0; k < n_rows; k++, in += ldx)
        for (int v = 0; v < count; v++) {
            V xs = F_(load_v)(in + v * VECTOR_LANES);
            for (int b = 0; b < rows; b++) sums[b][v] += w[b * n_rows + k] * xs;
        }
    for (int b = 0; b < rows; b++)
        for (int v = 0; v < count; v++) F_(store_v)(out + b * ldy + v * VECTOR_LANES, sums[b][v]);
}

SG_INLINE void F_(dense_bands)(const T *in, ptrdiff_t ldx, const T *w, ptrdiff_t n_rows,
                               T *out, ptrdiff_t ldy, ptrdiff_t lanes, int rows) {
    ptrdiff_t j = 0, step = DENSE_VECTORS * VECTOR_LANES;
    for (; j + step <= lanes; j += step)
        F_(dense_part)(in + j, ldx, w, n_rows, out + j, ldy, rows, DENSE_VECTORS);
    for (; j < lanes; j += VECTOR_LANES) F_(dense_part)(in + j, ldx, w, n_rows, out + j, ldy, rows, 1);
}

static void F_(dense)(const void *x, ptrdiff_t ldx, const void *weights, ptrdiff_t n_bands,
                      ptrdiff_t n_rows, void *y, ptrdiff_t ldy, ptrdiff_t lanes) {
    const T *w = weights;
    T *out = y;
    ptrdiff_t b = 0;
    for (; b + 4 <= n_bands; b += 4)
        F_(dense_bands)(x, ldx, w + b * n_rows, n_rows, out + b * ldy, ldy, lanes, 4);
    for (; b < n_bands; b++) F_(dense_bands)(x, ldx, w + b * n_rows, n_rows, out + b * ldy, ldy, lanes, 1);
}
#else
static void F_(bank)(const void *x, ptrdiff_t ldx, const sg_band *bands, ptrdiff_t n_bands,
                     const void *weights, void *y, ptrdiff_t ldy, ptrdiff_t lanes) {
    for (ptrdiff_t b = 0; b < n_bands; b++) {
        const T *w = (const T *)weights + bands[b].offset;
        ptrdiff_t length = bands[b].length;
        for (ptrdiff_t j0 = 0; j0 < lanes; j0 += WIDTH) {
            const T *in = (const T *)x + bands[b].start * ldx + j0;
            T *out = (T *)y + b * ldy + j0;
            T even[WIDTH] = {0}, odd[WIDTH] = {0};
            ptrdiff_t k = 0;
            for (; k + 2 <= length; k += 2, in += 2 * ldx)
                for (int j = 0; j < WIDTH; j++) {
                    even[j] += w[k] * in[j];
                    odd[j] += w[k + 1] * in[ldx + j];
                }
            if (k < length)
                for (int j = 0; j < WIDTH; j++) even[j] += w[k] * in[j];
            for (int j = 0; j < WIDTH; j++) out[j] = even[j] + odd[j];
        }
    }
}

static void F_(dense)(const void *x, ptrdiff_t ldx, const void *weights, ptrdiff_t n_bands,
                      ptrdiff_t n_rows, void *y, ptrdiff_t ldy, ptrdiff_t lanes) {
    for (ptrdiff_t b = 0; b < n_bands; b++) {
        const T *w = (const T *)weights + b * n_rows;
        for (ptrdiff_t j0 = 0; j0 < lanes; j0 += WIDTH) {
            const T *in = (const T *)x + j0;
            T *out = (T *)y + b * ldy + j0;
            T sums[WIDTH] = {0};
            for (ptrdiff_t k = 0; k < n_rows; k++, in += ldx)
                for (int j = 0; j < WIDTH; j++) sums[j] += w[k] * in[j];
            for (int j = 0; j < WIDTH; j++) out[j] = sums[j];
        }
    }
}
#endif

static void F_(pair_power)(const void *x, ptrdiff_t ldx, ptrdiff_t n_bands,
                           void *y, ptrdiff_t ldy, ptrdiff_t lanes) {
    for (ptrdiff_t b = 0; b < n_bands; b++) {
        const T *re = (const T *)x + 2 * b * ldx, *im = re + ldx;
        T *out = (T *)y + b * ldy;
        SG_INDEPENDENT
        for (ptrdiff_t j = 0; j < lanes; j++) {
            T r = re[j], i = im[j];
            out[j] = r * r + i * i;
        }
    }
}

static void F_(normalize)(void *x, ptrdiff_t ldx, ptrdiff_t n_rows, ptrdiff_t lanes, int kind) {
    for (ptrdiff_t j0 = 0; j0 < lanes; j0 += WIDTH) {
        T *column = (T *)x + j0, norm[WIDTH] = {0};
        for (ptrdiff_t k = 0; k < n_rows; k++) {
            const T *row = column + k * ldx;
            if (kind == 1)
                for (int j = 0; j < WIDTH; j++) norm[j] += T_ABS(row[j]);
            else if (kind == 2)
                for (int j = 0; j < WIDTH; j++) norm[j] += row[j] * row[j];
            else /* a NaN is taken up and then stays: nothing compares greater */
                for (int j = 0; j < WIDTH; j++) {
                    T a = T_ABS(row[j]);
                    norm[j] = ((a > norm[j]) | (a != a)) ? a : norm[j];
                }
        }
        for (int j = 0; j < WIDTH; j++) {
            T size = kind == 2 ? T_SQRT(norm[j]) : norm[j];
            norm[j] = size <= 0 ? 1 : size; /* NaN stays */
        }
        for (ptrdiff_t k = 0; k < n_rows; k++)
            for (int j = 0; j < WIDTH; j++) column[k * ldx + j] /= norm[j];
    }
}
