/* The inner loops of the engine: one table of functions per dtype and instruction set.
 *
 * Both dtypes share one struct type: data pointers are void *, scalars are double, so the block
 * loop above is written once and the only dtype ladder in the package is the choice of a table.
 * T below is float or double according to the table. All sizes count T unless said otherwise.
 *
 * Alphabet: x signal, w window, t frame, k bin, b band, n length of a frame, B frames of a block.
 * A "tile" is a block transposed to [row][frame]: one row per bin or band, `ld` apart, with the
 * frames of the block side by side. `lanes` (the number of frames computed) is a multiple of
 * `width`; rows are 64-byte aligned. Kernels on tiles work on all lanes alike, so that a value
 * never depends on where in the block its frame stands.
 */
#ifndef SPECTROGRAMS_KERNELS_H
#define SPECTROGRAMS_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* Row b of a banded bank: weights[offset .. offset+length) act on rows start .. start+length. */
typedef struct {
    int64_t start;
    int64_t length;
    int64_t offset;
} sg_band;

/* Element types a signal may have; the index into `convert`. Only SG_F32 and SG_F64 may be read without it, and
 * promise addresses that are multiples of their size: at any others they are SG_LOOSE_F32 and SG_LOOSE_F64. */
enum sg_sample {
    SG_F32, SG_F64, SG_I8, SG_U8, SG_I16, SG_U16, SG_I32, SG_U32, SG_I64, SG_U64, SG_BOOL, SG_F16, SG_LONG_DOUBLE,
    SG_LOOSE_F32, SG_LOOSE_F64,
    SG_SWAPPED, /* + one of the first: the same in the other byte order; none of single bytes */
    SG_SAMPLE_TYPES = SG_SWAPPED + SG_LONG_DOUBLE + 1
};

/* What one number says about a column; the index into `describe`. */
enum sg_descriptor {
    SG_CENTROID, SG_BANDWIDTH, SG_ROLLOFF, SG_FLATNESS, SG_RMS, SG_CROSSINGS,
    SG_DESCRIPTORS
};

typedef struct {
    const char *level;   /* "plain", "baseline", "v3", "v4" */
    ptrdiff_t itemsize;  /* sizeof(T) */
    ptrdiff_t width;     /* lanes are counted in multiples of this: 16 for float, 8 for double */

    /* --- signal ------------------------------------------------------------------------ */
    /* dst[i] = (T) element i of src, `stride` bytes apart; rounding is that of a C cast. */
    void (*convert[SG_SAMPLE_TYPES])(const char *src, ptrdiff_t stride, void *dst, ptrdiff_t n);
    /* buf[i] = x[i] * w[i], i < n. w is aligned; x and buf need not be. Also prefetches
     * ahead[0 .. n_ahead) for reading. */
    void (*window)(const void *x, const void *w, void *buf, ptrdiff_t n,
                   const void *ahead, ptrdiff_t n_ahead);
    /* The same with y[i] = x[i] * gain + offset and y[-1] = y[0]: buf[i] = (y[i] - c * y[i-1]) * w[i]. */
    void (*emphasize)(const void *x, const void *w, void *buf, ptrdiff_t n, const void *ahead,
                      ptrdiff_t n_ahead, double gain, double offset, double c);
    /* Sum of x[0..n) in a fixed order (eight or more interleaved partial sums). */
    double (*sum)(const void *x, ptrdiff_t n);
    double (*sum_squares)(const void *x, ptrdiff_t n);
    /* y[i] = x[i] * gain + offset; x and y may be the same. */
    void (*affine)(const void *x, void *y, ptrdiff_t n, double gain, double offset);
    /* y[i] = x[i] - c * x[i-1], y[0] = x[0] - c * first; x and y do not overlap. */
    void (*preemphasis)(const void *x, void *y, ptrdiff_t n, double c, double first);

    /* --- forward transform: z -> half spectrum ------------------------------------------ */
    /* Packed form, even n: z is the DFT of length n/2 of the frame viewed as complex numbers,
     * where the window already carries a factor 1/2. Output bins 0..n/2. */
    ptrdiff_t (*split_table_len)(ptrdiff_t n);
    void (*split_table)(ptrdiff_t n, void *table);
    void (*split_power)(const void *z, const void *table, void *p, ptrdiff_t n);
    void (*split_complex)(const void *z, const void *table, void *X, ptrdiff_t n);
    /* Radix-4 form, n % 8 == 0: z is (4, n/8) complex, row r the DFT of elements 4a + r. */
    ptrdiff_t (*split4_table_len)(ptrdiff_t n);
    void (*split4_table)(ptrdiff_t n, void *table);
    void (*split4_power)(const void *z, const void *table, void *p, ptrdiff_t n);
    void (*split4_complex)(const void *z, const void *table, void *X, ptrdiff_t n);
    /* The radix-4 form in two steps, for n where still shorter transforms pay; rows is 16, 20 or 32
     * and n % (2 * rows) == 0. z is (rows, n/2/rows) complex, its rows filled up to a multiple of `width`, row r the DFT
     * of elements rows * a + r; planar is (4, 2, n/8): per row of split4 the real, then the imaginary parts, and `width`
     * more to be written to. z and planar do not overlap. planar_power and planar_complex use the table of
     * split4_table. */
    ptrdiff_t (*combine_table_len)(ptrdiff_t n, ptrdiff_t rows);
    void (*combine_table)(ptrdiff_t n, ptrdiff_t rows, void *table);
    void (*combine)(const void *z, const void *table, void *planar, ptrdiff_t n, ptrdiff_t rows);
    void (*planar_power)(const void *planar, const void *table, void *p, ptrdiff_t n);
    void (*planar_complex)(const void *planar, const void *table, void *X, ptrdiff_t n);
    /* p[k] = re^2 + im^2 of n complex numbers. */
    void (*norm)(const void *z, void *p, ptrdiff_t n);

    /* --- inverse transform: half spectrum -> z ------------------------------------------ */
    /* Even n: from bins 0..n/2 of X the n/2 complex numbers whose unnormalised backward DFT is
     * the real frame times n, viewed as complex. Imaginary parts of bins 0 and n/2 are ignored.
     * Uses the table of split_table. */
    void (*merge)(const void *X, const void *table, void *z, ptrdiff_t n);
    /* out[i] += y[i] * w[i]; out need not be aligned. */
    void (*overlap_add)(const void *y, const void *w, void *out, ptrdiff_t n);

    /* --- layout ------------------------------------------------------------------------- */
    /* dst[c * ldd + r] = src[r * lds + c] for r < rows, c < cols. Neither side need be aligned. */
    void (*transpose)(const void *src, ptrdiff_t lds, void *dst, ptrdiff_t ldd,
                      ptrdiff_t rows, ptrdiff_t cols);
    /* The same for complex elements; ld, rows and cols count complex numbers. */
    void (*transpose_complex)(const void *src, ptrdiff_t lds, void *dst, ptrdiff_t ldd,
                              ptrdiff_t rows, ptrdiff_t cols);

    /* --- tiles -------------------------------------------------------------------------- */
    /* y[b][:] = sum_k weights[b,k] x[k][:]; two alternating partial sums by k, in order of k. */
    void (*bank)(const void *x, ptrdiff_t ldx, const sg_band *bands, ptrdiff_t n_bands,
                 const void *weights, void *y, ptrdiff_t ldy, ptrdiff_t lanes);
    /* y[b][:] = sum_k weights[b * n_rows + k] x[k][:], four bands at a time. */
    void (*dense)(const void *x, ptrdiff_t ldx, const void *weights, ptrdiff_t n_bands,
                  ptrdiff_t n_rows, void *y, ptrdiff_t ldy, ptrdiff_t lanes);
    /* y[b][:] = x[2b][:]^2 + x[2b+1][:]^2; y may be x. */
    void (*pair_power)(const void *x, ptrdiff_t ldx, ptrdiff_t n_bands,
                       void *y, ptrdiff_t ldy, ptrdiff_t lanes);
    /* y[b][:] = sum_k z_b[k]^2, where z_b is column x[:][j] through the four second-order sections of band
     * b, from rest: see bodies/resonators.inc for their seven coefficients per band. */
    void (*resonators)(const void *x, ptrdiff_t ldx, ptrdiff_t n_rows, const void *coefficients,
                       ptrdiff_t n_bands, void *y, ptrdiff_t ldy, ptrdiff_t lanes);
    /* Divides each column by its norm over the rows if that is > 0: 1 sum of absolute values,
     * 2 Euclidean, 3 largest absolute value. A column with a NaN becomes NaN. */
    void (*normalize)(void *x, ptrdiff_t ldx, ptrdiff_t n_rows, ptrdiff_t lanes, int kind);

    /* y[:] = one number for each column; `axis` holds the position of each row where positions count. For
     * the meaning of `a` see bodies/descriptors.inc. */
    void (*describe[SG_DESCRIPTORS])(const void *x, ptrdiff_t ldx, ptrdiff_t n_rows, const double *axis,
                                     double a, void *y, ptrdiff_t lanes);

    /* --- columns ------------------------------------------------------------------------- */
    /* Of each of `cols` columns of x, rows * cols numbers without gaps, rows > 0: mean, sum of squared differences from
     * it, least and largest; out is (4, cols). A column with a NaN has a NaN for its mean. */
    void (*moments)(const void *x, ptrdiff_t rows, ptrdiff_t cols, double *out);

    /* --- element by element, in place ---------------------------------------------------- */
    /* a = sqrt(max(a + add, floor)); NaN stays NaN. */
    void (*root)(void *a, ptrdiff_t n, double add, double floor);
    /* a = pow(a, exponent) */
    void (*power)(void *a, ptrdiff_t n, double exponent);
    /* a = mul * ln(max(a + add, floor)); NaN stays NaN, +inf stays +inf. floor is raised to the
     * smallest normal T. */
    void (*log)(void *a, ptrdiff_t n, double mul, double add, double floor);

    /* --- products of complex numbers ------------------------------------------------------ */
    /* z[i] = a[i] * w[i]; z may be a. */
    void (*multiply)(const void *a, const void *w, void *z, ptrdiff_t n);

    /* --- modified discrete cosine transform of N coefficients ------------------------------ */
    /* Even N. From 2N samples times the window w to the N numbers u whose type-IV cosine transform they have. */
    void (*mdct_fold)(const void *x, const void *w, void *u, ptrdiff_t N);
    /* Back: adds 2N samples, times w, to out. Neither x nor out need be aligned. */
    void (*mdct_unfold)(const void *u, const void *w, void *out, ptrdiff_t N);
    /* Type-IV cosine transform: twiddle, complex DFT of length N/2 of t, untwiddle. */
    ptrdiff_t (*mdct_table_len)(ptrdiff_t N);
    void (*mdct_table)(ptrdiff_t N, void *table);
    void (*mdct_twiddle)(const void *u, const void *table, void *t, ptrdiff_t N);
    void (*mdct_untwiddle)(const void *t, const void *table, void *C, ptrdiff_t N);
    /* Odd N, with complex factors p and g: twiddle, DFT of length N, untwiddle; and back, spread, DFT of
     * length N, add to 2N samples y, times the window w. */
    void (*mdct_odd_twiddle)(const void *x, const void *w, const void *p, void *z, ptrdiff_t N);
    void (*mdct_odd_untwiddle)(const void *Z, const void *g, void *C, ptrdiff_t N);
    void (*mdct_odd_spread)(const void *C, const void *g, void *d, ptrdiff_t N);
    void (*mdct_odd_add)(const void *D, const void *w, const void *p, void *y, ptrdiff_t N);

    /* --- memory --------------------------------------------------------------------------- */
    /* Prefetches for writing the cache lines that begin in `rows` rows of `bytes` bytes, `stride` bytes apart. The line
     * before belongs to what was written last. */
    void (*prefetch_write)(char *p, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t bytes);
} sg_kernels;

/* The tables. `single` picks float. Levels: 0 plain, 1 baseline, 2 x86-64-v3, 3 x86-64-v4. */
#define SG_LEVELS 4
/* Highest level that both the build and this CPU have. */
int sg_kernels_best(void);
/* NULL when the build or this CPU does not have the level. */
const sg_kernels *sg_kernels_get(int level, int single);

#endif
