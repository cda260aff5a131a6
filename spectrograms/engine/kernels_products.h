/* Products of complex numbers. */

/* z[i] = a[i] * w[i]; z may be a. */
static void F_(multiply)(const void *a, const void *w, void *z, ptrdiff_t n) {
    const T *as = a, *ws = w;
    T *out = z;
    ptrdiff_t k = 0;
#if SG_VECTORS
    for (; k + VECTOR_LANES <= n; k += VECTOR_LANES) {
        V ar, ai, br, bi;
        F_(load_pair_v)(as + 2 * k, &ar, &ai);
        F_(load_pair_v)(ws + 2 * k, &br, &bi);
        F_(store_pair_v)(out + 2 * k, ar * br - ai * bi, ar * bi + ai * br);
    }
#endif
    for (; k < n; k++) {
        T ar = as[2 * k], ai = as[2 * k + 1], br = ws[2 * k], bi = ws[2 * k + 1];
        out[2 * k] = ar * br - ai * bi, out[2 * k + 1] = ar * bi + ai * br;
    }
}
