/* LANES consecutive bins and their mirror bins; L is T or a vector of LANES T. See kernels_split.h. */

/* |re + i im|^2; the same bits wherever it is used. */
SG_INLINE L L_(square)(L re, L im) {
    L second = im * im;
    SG_ROUNDED(second);
    return re * re + second;
}

/* Writes complex values, as they are or squared, to consecutive bins. */
SG_INLINE void L_(put)(T *out, L re, L im, int mode) {
    if (mode == TO_POWER)
        L_(store)(out, L_(square)(re, im));
    else
        L_(store_pair)(out, re, im);
}

#if LANES == 1
#define load_mirrored load
#define load_pair_mirrored load_pair
#define put_mirrored put
#else
SG_INLINE void L_(put_mirrored)(T *out, L re, L im, int mode) {
    if (mode == TO_POWER)
        L_(store_mirrored)(out, L_(square)(re, im));
    else
        L_(store_pair_mirrored)(out, re, im);
}
#endif

SG_INLINE void L_(split_step)(const T *in, const T *cosines, const T *sines, T *out,
                              ptrdiff_t N, ptrdiff_t k, int mode) {
    ptrdiff_t mirror = N - k - LANES + 1, item = mode == TO_POWER ? 1 : 2;
    L ar, ai, br, bi, tr, ti;
    L_(load_pair)(in + 2 * k, &ar, &ai);
    L_(load_pair_mirrored)(in + 2 * mirror, &br, &bi);
    L c = L_(load)(cosines + k), s = L_(load)(sines + k);
    L er = ar + br, ei = ai - bi, dr = ar - br, di = ai + bi;
    L p = s * dr, q = s * di;
    SG_ROUNDED(p);
    SG_ROUNDED(q);
    if (mode == FROM_COMPLEX) { /* T = -tr + i ti */
        tr = c * di + p, ti = c * dr - q;
        L_(put_mirrored)(out + item * mirror, er + tr, ti - ei, mode);
        L_(put)(out + item * k, er - tr, ei + ti, mode);
    } else { /* T = tr - i ti */
        tr = c * di - p, ti = c * dr + q;
        L_(put_mirrored)(out + item * mirror, er - tr, -(ei + ti), mode);
        L_(put)(out + item * k, er + tr, ei - ti, mode);
    }
}

/* Sum and difference of F_r[k] and conj F_r[M-k]. Row r of F holds M complex numbers, or `planar` M real
 * parts and then M imaginary parts. */
SG_INLINE void L_(split4_load)(const T *row, ptrdiff_t M, ptrdiff_t k, int planar,
                               L *ur, L *ui, L *vr, L *vi) {
    ptrdiff_t mirror = M - k - LANES + 1;
    L ar, ai, br, bi;
    if (planar) {
        ar = L_(load)(row + k), ai = L_(load)(row + M + k);
        br = L_(load_mirrored)(row + mirror), bi = L_(load_mirrored)(row + M + mirror);
    } else {
        L_(load_pair)(row + 2 * k, &ar, &ai);
        L_(load_pair_mirrored)(row + 2 * mirror, &br, &bi);
    }
    *ur = ar + br, *ui = ai - bi, *vr = ar - br, *vi = ai + bi;
}

SG_INLINE void L_(split4_turn)(const T *factor, L *re, L *im) {
    L c = L_(load)(factor), s = L_(load)(factor + VECTOR_LANES), r = *re, i = *im;
    L p = s * i, q = s * r;
    SG_ROUNDED(p);
    SG_ROUNDED(q);
    *re = c * r - p, *im = c * i + q;
}

/* Four sums of x_r (-i)^{rm}, in place. */
SG_INLINE void L_(radix4)(L *r0, L *i0, L *r1, L *i1, L *r2, L *i2, L *r3, L *i3) {
    L ar = *r0 + *r2, ai = *i0 + *i2, br = *r0 - *r2, bi = *i0 - *i2;
    L cr = *r1 + *r3, ci = *i1 + *i3, dr = *i1 - *i3, di = *r3 - *r1;
    *r0 = ar + cr, *i0 = ai + ci, *r1 = br + dr, *i1 = bi + di;
    *r2 = ar - cr, *i2 = ai - ci, *r3 = br - dr, *i3 = bi - di;
}

/* Where k = M/2 both halves give the same bins: the low one is written last and stays. */
SG_INLINE void L_(split4_step)(const T *z, const T *f, T *out, ptrdiff_t M, ptrdiff_t k,
                               int mode, int planar) {
    ptrdiff_t mirror = M - k - LANES + 1, item = mode == TO_POWER ? 1 : 2, row = item * M;
    L r0, i0, r1, i1, r2, i2, r3, i3, p0, q0, p1, q1, p2, q2, p3, q3;
    L_(split4_load)(z, M, k, planar, &r0, &i0, &p0, &q0);
    L_(split4_load)(z + 2 * M, M, k, planar, &r1, &i1, &p1, &q1);
    L_(split4_load)(z + 4 * M, M, k, planar, &r2, &i2, &p2, &q2);
    L_(split4_load)(z + 6 * M, M, k, planar, &r3, &i3, &p3, &q3);
    L_(split4_turn)(f, &r1, &i1);
    L_(split4_turn)(f + 2 * VECTOR_LANES, &r2, &i2);
    L_(split4_turn)(f + 4 * VECTOR_LANES, &r3, &i3);
    L_(split4_turn)(f + 6 * VECTOR_LANES, &p0, &q0);
    L_(split4_turn)(f + 8 * VECTOR_LANES, &p1, &q1);
    L_(split4_turn)(f + 10 * VECTOR_LANES, &p2, &q2);
    L_(split4_turn)(f + 12 * VECTOR_LANES, &p3, &q3);
    L_(radix4)(&r0, &i0, &r1, &i1, &r2, &i2, &r3, &i3);
    L_(radix4)(&p0, &q0, &p1, &q1, &p2, &q2, &p3, &q3);
    /* T_m = exp(-i pi m/4) G_m; T_3 = t3 - i s3. */
    L t1 = INVERSE_SQRT2 * (p1 + q1), s1 = INVERSE_SQRT2 * (q1 - p1);
    L t3 = INVERSE_SQRT2 * (q3 - p3), s3 = INVERSE_SQRT2 * (p3 + q3);
    T *near = out + item * k, *far = out + item * mirror;
    L_(put_mirrored)(far, r3 - t3, -(i3 + s3), mode);
    L_(put_mirrored)(far + row, r2 - q2, -(i2 + p2), mode);
    L_(put_mirrored)(far + 2 * row, r1 - t1, s1 - i1, mode);
    L_(put_mirrored)(far + 3 * row, r0 - p0, q0 - i0, mode);
    L_(put)(near, r0 + p0, i0 + q0, mode);
    L_(put)(near + row, r1 + t1, i1 + s1, mode);
    L_(put)(near + 2 * row, r2 + q2, i2 - p2, mode);
    L_(put)(near + 3 * row, r3 + t3, i3 - s3, mode);
}

/* Five sums of x_q exp(-2 pi i q m / 5), in place. */
SG_INLINE void L_(radix5)(L *re, L *im) {
    const T c1 = (T)0.309016994374947424102293417182819059L, c2 = (T)-0.809016994374947424102293417182819059L;
    const T s1 = (T)0.951056516295153572116439333379382143L, s2 = (T)0.587785252292473129168705954639072769L;
    L ar = re[1] + re[4], ai = im[1] + im[4], br = re[2] + re[3], bi = im[2] + im[3];
    L cr = re[1] - re[4], ci = im[1] - im[4], dr = re[2] - re[3], di = im[2] - im[3];
    L er = re[0] + c1 * ar + c2 * br, ei = im[0] + c1 * ai + c2 * bi;
    L fr = re[0] + c2 * ar + c1 * br, fi = im[0] + c2 * ai + c1 * bi;
    L gr = s1 * cr + s2 * dr, gi = s1 * ci + s2 * di, hr = s2 * cr - s1 * dr, hi = s2 * ci - s1 * di;
    re[0] += ar + br, im[0] += ai + bi;
    re[1] = er + gi, im[1] = ei - gr, re[4] = er - gi, im[4] = ei + gr;
    re[2] = fr + hi, im[2] = fi - hr, re[3] = fr - hi, im[3] = fi + hr;
}

/* Eight sums of x_q exp(-2 pi i q m / 8), in place. */
SG_INLINE void L_(radix8)(L *re, L *im) {
    L_(radix4)(&re[0], &im[0], &re[2], &im[2], &re[4], &im[4], &re[6], &im[6]);
    L_(radix4)(&re[1], &im[1], &re[3], &im[3], &re[5], &im[5], &re[7], &im[7]);
    L ar = re[1], ai = im[1], br = INVERSE_SQRT2 * (re[3] + im[3]), bi = INVERSE_SQRT2 * (im[3] - re[3]);
    L cr = im[5], ci = -re[5], dr = INVERSE_SQRT2 * (im[7] - re[7]), di = -INVERSE_SQRT2 * (re[7] + im[7]);
    L er = re[2], ei = im[2], fr = re[4], fi = im[4], gr = re[6], gi = im[6];
    re[4] = re[0] - ar, im[4] = im[0] - ai, re[0] += ar, im[0] += ai;
    re[1] = er + br, im[1] = ei + bi, re[5] = er - br, im[5] = ei - bi;
    re[2] = fr + cr, im[2] = fi + ci, re[6] = fr - cr, im[6] = fi - ci;
    re[3] = gr + dr, im[3] = gi + di, re[7] = gr - dr, im[7] = gi - di;
}

/* One butterfly of the combining pass: rows of the input are `from` apart, parts of the output row `to`;
 * the imaginary parts lie `plane` behind the real ones and are written after them. */
SG_INLINE void L_(combine_step)(const T *in, ptrdiff_t from, const T *f, T *out, ptrdiff_t to,
                                ptrdiff_t plane, int radix) {
    L re[8], im[8];
    L_(load_pair)(in, &re[0], &im[0]);
    for (int q = 1; q < radix; q++) {
        L_(load_pair)(in + q * from, &re[q], &im[q]);
        L_(split4_turn)(f + 2 * (q - 1) * VECTOR_LANES, &re[q], &im[q]);
    }
    if (radix == 4)
        L_(radix4)(&re[0], &im[0], &re[1], &im[1], &re[2], &im[2], &re[3], &im[3]);
    else if (radix == 5)
        L_(radix5)(re, im);
    else
        L_(radix8)(re, im);
    for (int m = 0; m < radix; m++) L_(store)(out + m * to, re[m]);
    for (int m = 0; m < radix; m++) L_(store)(out + plane + m * to, im[m]);
}

#undef load_mirrored
#undef load_pair_mirrored
#undef put_mirrored
