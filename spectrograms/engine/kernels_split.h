/* Between the half-length complex transform of a real frame and its half spectrum.
 *
 * N = n/2, w = exp(-2 pi i / n), Z the DFT of the frame viewed as N complex numbers (its window
 * already halved). For 0 < k < N/2, with E = Z_k + conj Z_{N-k} and D = Z_k - conj Z_{N-k}:
 *     T = -i w^k D,   X_k = E + T,   X_{N-k} = conj(E - T)
 * and backwards, from X to 2 Z, the same with T = i w^-k D. The squares are taken of the sums (the
 * amplitude form): |E|^2 + |T|^2 +- 2 re(E conj T) is shorter, but leaves a weak bin with the rounding
 * error of its mirror bin, 60 to 80 dB above it in speech.
 *
 * Radix 4: M = N/4 and F_r the DFT of elements 4a + r. With U_r, V_r = F_r[k] +- conj F_r[M-k]:
 *     E_m = sum_r w^{2rk} U_r (-i)^{rm}       G_m = sum_r -i w^{(1+2r)k} V_r (-i)^{rm}
 *     T_m = exp(-i pi m/4) G_m,   X_{k+mM} = E_m + T_m,   X_{N-k-mM} = conj(E_m - T_m)
 */

#ifndef SG_SPLIT_MODES
#define SG_SPLIT_MODES
enum { TO_POWER, TO_COMPLEX, FROM_COMPLEX };
#endif
#define SPLIT4_ROWS 14
#define INVERSE_SQRT2 ((T)0.707106781186547524400844362104849)

/* --- tables --------------------------------------------------------------------------------- */

/* cos(2 pi k/n), k <= n/4, then from split_sines on sin(2 pi k/n). */
static ptrdiff_t F_(split_sines)(ptrdiff_t n) { return round_up(n / 4 + 1, WIDTH); }

static ptrdiff_t F_(split_table_len)(ptrdiff_t n) { return 2 * F_(split_sines)(n); }

static void F_(split_table)(ptrdiff_t n, void *table) {
    T *c = table, *s = c + F_(split_sines)(n);
    memset(table, 0, (size_t)F_(split_table_len)(n) * sizeof(T));
    for (ptrdiff_t k = 0; k <= n / 4; k++) {
        long double cosine, sine;
        unit_root(n, k, &cosine, &sine);
        c[k] = (T)cosine, s[k] = (T)sine;
    }
}

/* A block for each step of VECTOR_LANES bins; in each the real and imaginary parts of the factors of
 * U_1 U_2 U_3 V_0 V_1 V_2 V_3, VECTOR_LANES at a time. */
static ptrdiff_t F_(split4_table_len)(ptrdiff_t n) { return round_up(n / 16, VECTOR_LANES) * SPLIT4_ROWS; }

/* First bin of the step that starts `done` bins behind bin 1: the last one overlaps its neighbour, and writes
 * the same values again, rather than leave bins to scalars. */
SG_INLINE ptrdiff_t F_(split4_bin)(ptrdiff_t done, ptrdiff_t n) {
    ptrdiff_t last = n / 16 + 1 - VECTOR_LANES;
    return SG_VECTORS && last >= 1 && done + 1 > last ? last : done + 1;
}

static void F_(split4_table)(ptrdiff_t n, void *table) {
    memset(table, 0, (size_t)F_(split4_table_len)(n) * sizeof(T));
    for (ptrdiff_t i = 0; i < round_up(n / 16, VECTOR_LANES); i++) {
        ptrdiff_t lane = i % VECTOR_LANES, k = F_(split4_bin)(i - lane, n) + lane;
        T *t = (T *)table + (i - lane) * SPLIT4_ROWS + lane;
        long double c, s;
        if (k > n / 16) break;
        for (int r = 1; r < 4; r++, t += 2 * VECTOR_LANES) {
            unit_root(n, 2 * r * k, &c, &s);
            t[0] = (T)c, t[VECTOR_LANES] = (T)-s;
        }
        for (int r = 0; r < 4; r++, t += 2 * VECTOR_LANES) {
            unit_root(n, (1 + 2 * r) * k, &c, &s);
            t[0] = (T)-s, t[VECTOR_LANES] = (T)-c;
        }
    }
}

/* --- steps: one scalar at a time, then one vector at a time -------------------------------- */

#define L T
#define LANES 1
#define L_(name) F_(SG_PASTE(name, _s))
#include "kernels_split_step.h"
#undef L
#undef LANES
#undef L_

#if SG_VECTORS
#define L V
#define LANES VECTOR_LANES
#define L_(name) F_(SG_PASTE(name, _v))
#include "kernels_split_step.h"
#undef L
#undef LANES
#undef L_
#endif

/* --- packed form ---------------------------------------------------------------------------- */

/* The bins that are their own mirror: 0, N and N/2. */
SG_INLINE void F_(split_ends)(const T *in, T *out, ptrdiff_t N, int mode) {
    T *middle = out + (mode == TO_POWER ? N / 2 : N / 2 * 2);
    if (mode == FROM_COMPLEX) {
        T first = in[0], last = in[2 * N];
        out[0] = first + last, out[1] = first - last;
    } else {
        T first = 2 * (in[0] + in[1]), last = 2 * (in[0] - in[1]);
        F_(put_s)(out, first, 0, mode);
        F_(put_s)(out + (mode == TO_POWER ? N : 2 * N), last, 0, mode);
    }
    if (N % 2 == 0) F_(put_s)(middle, 2 * in[N], -2 * in[N + 1], mode);
}

SG_INLINE void F_(split)(const void *in, const void *table, void *out, ptrdiff_t n, int mode) {
    const T *c = SG_ALIGNED(table), *s = c + F_(split_sines)(n);
    ptrdiff_t N = n / 2, pairs = (N - 1) / 2;
    ptrdiff_t k = 1;
#if SG_VECTORS
    if (pairs >= VECTOR_LANES) {
        /* The first and last steps overlap their neighbours and write the same values again; those
         * between are aligned. */
        F_(split_step_v)(in, c, s, out, N, 1, mode);
        for (k = VECTOR_LANES; k + VECTOR_LANES <= pairs + 1; k += VECTOR_LANES)
            F_(split_step_v)(in, c, s, out, N, k, mode);
        if (k <= pairs) F_(split_step_v)(in, c, s, out, N, pairs + 1 - VECTOR_LANES, mode);
        k = pairs + 1;
    }
#endif
    for (; k <= pairs; k++) F_(split_step_s)(in, c, s, out, N, k, mode);
    F_(split_ends)(in, out, N, mode);
}

static void F_(split_power)(const void *z, const void *table, void *p, ptrdiff_t n) {
    F_(split)(z, table, p, n, TO_POWER);
}

static void F_(split_complex)(const void *z, const void *table, void *X, ptrdiff_t n) {
    F_(split)(z, table, X, n, TO_COMPLEX);
}

static void F_(merge)(const void *X, const void *table, void *z, ptrdiff_t n) {
    F_(split)(X, table, z, n, FROM_COMPLEX);
}

static void F_(norm)(const void *z, void *p, ptrdiff_t n) {
    const T *in = z;
    T *out = p;
    ptrdiff_t k = 0;
#if SG_VECTORS
    for (; k + VECTOR_LANES <= n; k += VECTOR_LANES) {
        V re, im;
        F_(load_pair_v)(in + 2 * k, &re, &im);
        F_(put_v)(out + k, re, im, TO_POWER);
    }
#endif
    for (; k < n; k++) F_(put_s)(out + k, in[2 * k], in[2 * k + 1], TO_POWER);
}

/* --- radix-4 form, n a multiple of 8 -------------------------------------------------------- */

/* Bins 0, M, 2M, 3M and N: k = 0, where U is twice the real part of F and -i V twice its imaginary. */
SG_INLINE void F_(split4_ends)(const T *re, T *out, ptrdiff_t M, int mode, int planar) {
    ptrdiff_t step = mode == TO_POWER ? M : 2 * M;
    const T *im = re + (planar ? M : 1);
    T u0 = 2 * re[0], u1 = 2 * re[2 * M], u2 = 2 * re[4 * M], u3 = 2 * re[6 * M];
    T v0 = 2 * im[0], v1 = 2 * im[2 * M], v2 = 2 * im[4 * M], v3 = 2 * im[6 * M];
    T e0 = (u0 + u2) + (u1 + u3), e2 = (u0 + u2) - (u1 + u3), er = u0 - u2, ei = u3 - u1;
    T g0 = (v0 + v2) + (v1 + v3), g2 = (v0 + v2) - (v1 + v3), gr = v0 - v2, gi = v3 - v1;
    T tr = INVERSE_SQRT2 * (gr + gi), ti = INVERSE_SQRT2 * (gi - gr);
    F_(put_s)(out, e0 + g0, 0, mode);
    F_(put_s)(out + step, er + tr, ei + ti, mode);
    F_(put_s)(out + 2 * step, e2, -g2, mode);
    F_(put_s)(out + 3 * step, er - tr, ti - ei, mode);
    F_(put_s)(out + 4 * step, e0 - g0, 0, mode);
}

SG_INLINE void F_(split4)(const void *z, const void *table, void *out, ptrdiff_t n, int mode,
                          int planar) {
    const T *t = table;
    ptrdiff_t M = n / 8, done = 0;
#if SG_VECTORS
    if (M / 2 >= VECTOR_LANES)
        for (; done < M / 2; done += VECTOR_LANES)
            F_(split4_step_v)(z, t + done * SPLIT4_ROWS, out, M, F_(split4_bin)(done, n), mode, planar);
#endif
    for (; done < M / 2; done++) {
        ptrdiff_t lane = done % VECTOR_LANES;
        F_(split4_step_s)(z, t + (done - lane) * SPLIT4_ROWS + lane, out, M, done + 1, mode, planar);
    }
    F_(split4_ends)(z, out, M, mode, planar);
}

static void F_(split4_power)(const void *z, const void *table, void *p, ptrdiff_t n) {
    F_(split4)(z, table, p, n, TO_POWER, 0);
}

static void F_(split4_complex)(const void *z, const void *table, void *X, ptrdiff_t n) {
    F_(split4)(z, table, X, n, TO_COMPLEX, 0);
}

/* --- sixteen, twenty or 32 transforms ---------------------------------------------------------- */

/* The transforms of every 16th, 20th or 32nd element, of L bins each, are combined to the four of the radix-4
 * form by one pass of radix R = 4, 5 or 8: with G_q the row of elements 4 (R a + q) + r,
 *     F_r[k + m L] = sum_q G_q[k] exp(-2 pi i q k / (R L)) exp(-2 pi i q m / R)
 * Real and imaginary parts stay apart for the split that follows.
 * Table: a block for each step of VECTOR_LANES bins, in each the real and imaginary parts of the factors of
 * q = 1 .. R - 1. */
static ptrdiff_t F_(combine_table_len)(ptrdiff_t n, ptrdiff_t rows) {
    return round_up(n / 2 / rows, VECTOR_LANES) * 2 * (rows / 4 - 1);
}

static void F_(combine_table)(ptrdiff_t n, ptrdiff_t rows, void *table) {
    ptrdiff_t radix = rows / 4;
    memset(table, 0, (size_t)F_(combine_table_len)(n, rows) * sizeof(T));
    for (ptrdiff_t k = 0; k < n / 2 / rows; k++) {
        ptrdiff_t lane = k % VECTOR_LANES;
        T *t = (T *)table + (k - lane) * 2 * (radix - 1) + lane;
        for (ptrdiff_t q = 1; q < radix; q++, t += 2 * VECTOR_LANES) {
            long double c, s;
            unit_root(n / 8, q * k, &c, &s);
            t[0] = (T)c, t[VECTOR_LANES] = (T)-s;
        }
    }
}

/* Whole vectors only. What the last one writes behind its row is written again: by the next row, or by an
 * earlier vector of it, or it is the room behind `planar`. Hence last vector first. */
SG_INLINE void F_(combine_radix)(const T *in, const T *table, T *out, ptrdiff_t n, int radix) {
    ptrdiff_t M = n / 8, length = M / radix, row = 2 * round_up(length, WIDTH), k, r;
#if SG_VECTORS
    for (k = round_up(length, VECTOR_LANES) - VECTOR_LANES; k >= 0; k -= VECTOR_LANES)
        for (r = 0; r < 4; r++)
            F_(combine_step_v)(in + r * row + 2 * k, 4 * row, table + k * 2 * (radix - 1),
                               out + 2 * r * M + k, length, M, radix);
#else
    for (k = 0; k < length; k++)
        for (r = 0; r < 4; r++)
            F_(combine_step_s)(in + r * row + 2 * k, 4 * row,
                               table + k / VECTOR_LANES * VECTOR_LANES * 2 * (radix - 1) + k % VECTOR_LANES,
                               out + 2 * r * M + k, length, M, radix);
#endif
}

static void F_(combine)(const void *z, const void *table, void *planar, ptrdiff_t n, ptrdiff_t rows) {
    if (rows == 16)
        F_(combine_radix)(z, table, planar, n, 4);
    else if (rows == 20)
        F_(combine_radix)(z, table, planar, n, 5);
    else
        F_(combine_radix)(z, table, planar, n, 8);
}

static void F_(planar_power)(const void *z, const void *table, void *p, ptrdiff_t n) {
    F_(split4)(z, table, p, n, TO_POWER, 1);
}

static void F_(planar_complex)(const void *z, const void *table, void *X, ptrdiff_t n) {
    F_(split4)(z, table, X, n, TO_COMPLEX, 1);
}

#undef SPLIT4_ROWS
#undef INVERSE_SQRT2
