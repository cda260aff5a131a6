/* Mean, spread and range of the columns of an array, in one pass. */

#define AT_ONCE 16

typedef struct {
    double first[AT_ONCE], sums[AT_ONCE], squares[AT_ONCE];
    T low[AT_ONCE], high[AT_ONCE];
} F_(columns);

/* The squares are of differences from the first row: they lose nothing where a column is far from zero. */
SG_INLINE void F_(add_rows)(const T *in, ptrdiff_t rows, ptrdiff_t cols, int n, F_(columns) *of) {
    for (int c = 0; c < n; c++) of->first[c] = of->low[c] = of->high[c] = in[c], of->sums[c] = of->squares[c] = 0;
    for (ptrdiff_t r = 0; r < rows; r++, in += cols) {
        for (int c = 0; c < n; c++) {
            double d = (double)in[c] - of->first[c];
            of->sums[c] += d;
            of->squares[c] += d * d;
            of->low[c] = in[c] < of->low[c] ? in[c] : of->low[c];
            of->high[c] = in[c] > of->high[c] ? in[c] : of->high[c];
        }
    }
}

static void F_(moments)(const void *x, ptrdiff_t rows, ptrdiff_t cols, double *out) {
    for (ptrdiff_t c0 = 0; c0 < cols; c0 += AT_ONCE) {
        const T *in = (const T *)x + c0;
        int n = cols - c0 < AT_ONCE ? (int)(cols - c0) : AT_ONCE;
        F_(columns) of;
        if (n == AT_ONCE) F_(add_rows)(in, rows, cols, AT_ONCE, &of);
        else F_(add_rows)(in, rows, cols, n, &of);
        for (int c = 0; c < n; c++) {
            double mean = of.sums[c] / (double)rows, m2 = of.squares[c] - of.sums[c] * mean;
            out[c0 + c] = of.first[c] + mean;
            out[cols + c0 + c] = m2 < 0 ? 0 : m2;
            out[2 * cols + c0 + c] = of.low[c];
            out[3 * cols + c0 + c] = of.high[c];
        }
    }
}

#undef AT_ONCE
