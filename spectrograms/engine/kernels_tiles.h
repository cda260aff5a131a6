/* Banks and column operations on tiles, vectorised across frames: no reassociation, no sums across
 * lanes, and every frame is computed alike. */

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
                    norm[j] = (a > norm[j]) | (a != a) ? a : norm[j];
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
