/* Modified discrete cosine transform of N coefficients. N even: fold 2N samples to N, a type-IV cosine
 * transform of these, and back. With h = N/2:
 *     u[n]     = -x[3h-1-n] - x[3h+n]        n < h          C[k] = sum_n u[n] cos(pi (2n+1)(2k+1) / 4N)
 *     u[h+n]   =  x[n] - x[N-1-n]
 * The cosine transform by a complex one of length h, with v_n = exp(-i pi (8n+1) / 8N):
 *     t_n = (u[2n] + i u[N-1-2n]) v_n,   y_k = DFT(t)_k v_k,   C[2k] = re y_k,   C[N-1-2k] = -im y_k
 * It is its own inverse but for a factor N/2. (H. S. Malvar, Signal Processing with Lapped Transforms, 1992.)
 */

/* u from the samples times the window. */
static void F_(mdct_fold)(const void *x, const void *w, void *u, ptrdiff_t N) {
    const T *SG_RESTRICT xs = x, *SG_RESTRICT ws = w;
    T *SG_RESTRICT out = u;
    ptrdiff_t h = N / 2;
    for (ptrdiff_t n = 0; n < h; n++)
        out[n] = -(xs[3 * h - 1 - n] * ws[3 * h - 1 - n]) - xs[3 * h + n] * ws[3 * h + n];
    for (ptrdiff_t n = 0; n < h; n++) out[h + n] = xs[n] * ws[n] - xs[N - 1 - n] * ws[N - 1 - n];
}

/* Adds the 2N samples that u stands for, times the window, to out. */
static void F_(mdct_unfold)(const void *u, const void *w, void *out, ptrdiff_t N) {
    const T *SG_RESTRICT us = u, *SG_RESTRICT ws = w;
    T *SG_RESTRICT o = out;
    ptrdiff_t h = N / 2;
    for (ptrdiff_t n = 0; n < h; n++) o[n] += ws[n] * us[h + n];
    for (ptrdiff_t n = h; n < 3 * h; n++) o[n] -= ws[n] * us[3 * h - 1 - n];
    for (ptrdiff_t n = 3 * h; n < 2 * N; n++) o[n] -= ws[n] * us[n - 3 * h];
}

/* Real and negative imaginary parts of v, then the same from the last to the first; rows of this length. */
static ptrdiff_t F_(mdct_row)(ptrdiff_t N) { return round_up(N / 2, WIDTH); }

static ptrdiff_t F_(mdct_table_len)(ptrdiff_t N) { return 4 * F_(mdct_row)(N); }

static void F_(mdct_table)(ptrdiff_t N, void *table) {
    ptrdiff_t h = N / 2, row = F_(mdct_row)(N);
    T *c = table;
    memset(table, 0, (size_t)F_(mdct_table_len)(N) * sizeof(T));
    for (ptrdiff_t n = 0; n < h; n++) {
        long double cosine, sine;
        unit_root(16 * N, 8 * n + 1, &cosine, &sine);
        c[n] = c[2 * row + h - 1 - n] = (T)cosine;
        c[row + n] = c[3 * row + h - 1 - n] = (T)sine;
    }
}

/* t from u. */
static void F_(mdct_twiddle)(const void *u, const void *table, void *t, ptrdiff_t N) {
    const T *us = u, *c = SG_ALIGNED(table), *s = c + F_(mdct_row)(N);
    T *out = t;
    ptrdiff_t h = N / 2, n = 0;
#if SG_VECTORS
    for (; h >= VECTOR_LANES && n < h; n += VECTOR_LANES) {
        V a, b, unused, cosine, sine;
        /* The last step overlaps the one before it and writes the same values again. */
        if (n > h - VECTOR_LANES) n = h - VECTOR_LANES;
        F_(load_pair_v)(us + 2 * n, &a, &unused);
        F_(load_pair_mirrored_v)(us + N - 2 * n - 2 * VECTOR_LANES, &unused, &b);
        cosine = F_(load_v)(c + n), sine = F_(load_v)(s + n);
        F_(store_pair_v)(out + 2 * n, a * cosine + b * sine, b * cosine - a * sine);
    }
#endif
    for (; n < h; n++) {
        T a = us[2 * n], b = us[N - 1 - 2 * n];
        out[2 * n] = a * c[n] + b * s[n], out[2 * n + 1] = b * c[n] - a * s[n];
    }
}

/* C from the transform of t. */
static void F_(mdct_untwiddle)(const void *t, const void *table, void *C, ptrdiff_t N) {
    ptrdiff_t row = F_(mdct_row)(N), h = N / 2, n = 0;
    const T *ts = t, *c = SG_ALIGNED(table), *s = c + row, *c_down = s + row, *s_down = c_down + row;
    T *out = C;
#if SG_VECTORS
    for (; h >= VECTOR_LANES && n < h; n += VECTOR_LANES) {
        V ar, ai, br, bi;
        if (n > h - VECTOR_LANES) n = h - VECTOR_LANES;
        F_(load_pair_v)(ts + 2 * n, &ar, &ai);
        F_(load_pair_mirrored_v)(ts + N - 2 * n - 2 * VECTOR_LANES, &br, &bi);
        F_(store_pair_v)(out + 2 * n, ar * F_(load_v)(c + n) + ai * F_(load_v)(s + n),
                         br * F_(load_v)(s_down + n) - bi * F_(load_v)(c_down + n));
    }
#endif
    for (; n < h; n++) {
        const T *mirror = ts + N - 2 - 2 * n;
        out[2 * n] = ts[2 * n] * c[n] + ts[2 * n + 1] * s[n];
        out[2 * n + 1] = mirror[0] * s_down[n] - mirror[1] * c_down[n];
    }
}

/* Odd N, where N/2 is not whole: with complex factors p_m = exp(-i pi m / 2N) and a transform of length N,
 *     Z = DFT((x_m - i x_{m+N}) p_m),   C[2j] = re(g_j Z_j), j < N/2,   C[2N-1-2j] = re(g_j Z_j), j > N/2
 * and back, transposed: D = DFT(C[..] g_j), y_m + i y_{m+N} = p_m D_m. */

static void F_(mdct_odd_twiddle)(const void *x, const void *w, const void *p, void *z, ptrdiff_t N) {
    const T *SG_RESTRICT xs = x, *SG_RESTRICT ws = w, *SG_RESTRICT ps = p;
    T *SG_RESTRICT out = z;
    for (ptrdiff_t m = 0; m < N; m++) {
        T a = xs[m] * ws[m], b = xs[m + N] * ws[m + N], c = ps[2 * m], s = ps[2 * m + 1];
        out[2 * m] = a * c + b * s, out[2 * m + 1] = a * s - b * c;
    }
}

static void F_(mdct_odd_untwiddle)(const void *Z, const void *g, void *C, ptrdiff_t N) {
    const T *SG_RESTRICT zs = Z, *SG_RESTRICT gs = g;
    T *SG_RESTRICT out = C;
    for (ptrdiff_t j = 0; j < N; j++)
        out[2 * j < N ? 2 * j : 2 * N - 1 - 2 * j] = zs[2 * j] * gs[2 * j] - zs[2 * j + 1] * gs[2 * j + 1];
}

static void F_(mdct_odd_spread)(const void *C, const void *g, void *d, ptrdiff_t N) {
    const T *SG_RESTRICT cs = C, *SG_RESTRICT gs = g;
    T *SG_RESTRICT out = d;
    for (ptrdiff_t j = 0; j < N; j++) {
        T c = cs[2 * j < N ? 2 * j : 2 * N - 1 - 2 * j];
        out[2 * j] = c * gs[2 * j], out[2 * j + 1] = c * gs[2 * j + 1];
    }
}

static void F_(mdct_odd_add)(const void *D, const void *w, const void *p, void *y, ptrdiff_t N) {
    const T *SG_RESTRICT ds = D, *SG_RESTRICT ws = w, *SG_RESTRICT ps = p;
    T *SG_RESTRICT out = y;
    for (ptrdiff_t m = 0; m < N; m++) {
        T a = ds[2 * m], b = ds[2 * m + 1], c = ps[2 * m], s = ps[2 * m + 1];
        out[m] += ws[m] * (a * c - b * s), out[m + N] += ws[m + N] * (a * s + b * c);
    }
}
