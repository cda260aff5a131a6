/* One number for each column of a tile: the shape of a spectrum, or of a frame of samples.
 *
 * Sums run in double, row after row, so that float32 results are as good as one rounding. A column with a
 * NaN becomes NaN.
 */

#define EACH_COLUMN for (ptrdiff_t j0 = 0; j0 < lanes; j0 += WIDTH)
#define EACH_ROW(in) for (ptrdiff_t k = 0; k < n_rows; k++, in += ldx)
#define EACH_LANE for (int j = 0; j < WIDTH; j++)

/* Sum of a column and its mean position on the axis, 0 where the sum is 0. */
SG_INLINE void F_(mean_position)(const T *in, ptrdiff_t ldx, ptrdiff_t n_rows, const double *axis,
                                 double *sums, double *mean) {
    double moments[WIDTH] = {0};
    EACH_LANE sums[j] = 0;
    EACH_ROW(in) EACH_LANE {
        double v = in[j];
        sums[j] += v;
        moments[j] += axis[k] * v;
    }
    EACH_LANE mean[j] = moments[j] / (sums[j] == 0 ? 1 : sums[j]);
}

static void F_(centroid)(const void *x, ptrdiff_t ldx, ptrdiff_t n_rows, const double *axis, double a,
                         void *y, ptrdiff_t lanes) {
    (void)a;
    EACH_COLUMN {
        double sums[WIDTH], mean[WIDTH];
        F_(mean_position)((const T *)x + j0, ldx, n_rows, axis, sums, mean);
        EACH_LANE((T *)y)[j0 + j] = (T)mean[j];
    }
}

static void F_(bandwidth)(const void *x, ptrdiff_t ldx, ptrdiff_t n_rows, const double *axis, double a,
                          void *y, ptrdiff_t lanes) {
    (void)a;
    EACH_COLUMN {
        const T *in = (const T *)x + j0;
        double sums[WIDTH], mean[WIDTH], squares[WIDTH] = {0};
        F_(mean_position)(in, ldx, n_rows, axis, sums, mean);
        EACH_ROW(in) EACH_LANE {
            double d = axis[k] - mean[j];
            squares[j] += d * d * (double)in[j];
        }
        EACH_LANE((T *)y)[j0 + j] = (T)sqrt(squares[j] / (sums[j] == 0 ? 1 : sums[j]));
    }
}

/* The first place on the axis up to which the rows hold the share `a` of the sum. */
static void F_(rolloff)(const void *x, ptrdiff_t ldx, ptrdiff_t n_rows, const double *axis, double a,
                        void *y, ptrdiff_t lanes) {
    EACH_COLUMN {
        const T *in = (const T *)x + j0;
        double sums[WIDTH], mean[WIDTH], below[WIDTH] = {0}, count[WIDTH] = {0};
        F_(mean_position)(in, ldx, n_rows, axis, sums, mean);
        EACH_ROW(in) EACH_LANE {
            below[j] += in[j];
            count[j] += below[j] < a * sums[j] ? 1 : 0;
        }
        /* The same additions in the same order end in the sum itself: count < n_rows. */
        EACH_LANE((T *)y)[j0 + j] = (T)(sums[j] == sums[j] ? axis[(ptrdiff_t)count[j]] : sums[j]);
    }
}

/* Geometric over arithmetic mean of the values, each raised to at least `a`, a normal number. */
static void F_(flatness)(const void *x, ptrdiff_t ldx, ptrdiff_t n_rows, const double *axis, double a,
                         void *y, ptrdiff_t lanes) {
    (void)axis;
    EACH_COLUMN {
        const T *in = (const T *)x + j0;
        double sums[WIDTH] = {0}, logs[WIDTH] = {0}, n = (double)n_rows;
        EACH_ROW(in) EACH_LANE {
            T v = in[j] < (T)a ? (T)a : in[j];
            sums[j] += v;
            logs[j] += F_(ln)(v);
        }
        /* The logarithm knows no infinity and no NaN. */
        EACH_LANE((T *)y)[j0 + j] = (T)(exp(logs[j] / n) / (sums[j] / n) + (sums[j] - sums[j]));
    }
}

static void F_(rms)(const void *x, ptrdiff_t ldx, ptrdiff_t n_rows, const double *axis, double a,
                    void *y, ptrdiff_t lanes) {
    (void)axis, (void)a;
    EACH_COLUMN {
        const T *in = (const T *)x + j0;
        double sums[WIDTH] = {0};
        EACH_ROW(in) EACH_LANE {
            double v = in[j];
            sums[j] += v * v;
        }
        EACH_LANE((T *)y)[j0 + j] = (T)sqrt(sums[j] / (double)n_rows);
    }
}

/* Changes of sign from row to row, per row; values from -a on count as positive. */
static void F_(crossings)(const void *x, ptrdiff_t ldx, ptrdiff_t n_rows, const double *axis, double a,
                          void *y, ptrdiff_t lanes) {
    (void)axis;
    EACH_COLUMN {
        const T *in = (const T *)x + j0;
        double count[WIDTH] = {0}, before[WIDTH], bad[WIDTH] = {0};
        EACH_LANE before[j] = (double)in[j] < -a ? 1 : 0;
        EACH_ROW(in) EACH_LANE {
            double v = in[j], negative = v < -a ? 1 : 0;
            count[j] += negative != before[j] ? 1 : 0;
            bad[j] = v == v ? bad[j] : v;
            before[j] = negative;
        }
        EACH_LANE((T *)y)[j0 + j] = (T)(bad[j] == 0 ? count[j] / (double)n_rows : bad[j]);
    }
}

#undef EACH_COLUMN
#undef EACH_ROW
#undef EACH_LANE
