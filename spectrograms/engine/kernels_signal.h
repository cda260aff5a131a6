/* From samples to the windowed frame. */

/* `reversed` says that the bytes of an element stand in the other order. */
#define SG_CONVERT(name, S, reversed, expression)                                                     \
    static void F_(convert_##name)(const char *src, ptrdiff_t stride, void *dst, ptrdiff_t n) {       \
        T *SG_RESTRICT d = dst;                                                                       \
        S v;                                                                                          \
        if (stride == (ptrdiff_t)sizeof(S)) {                                                         \
            for (ptrdiff_t i = 0; i < n; i++) {                                                       \
                copy_element(src + i * (ptrdiff_t)sizeof(S), &v, sizeof(S), reversed);                \
                d[i] = (T)(expression);                                                               \
            }                                                                                         \
        } else {                                                                                      \
            for (ptrdiff_t i = 0; i < n; i++) {                                                       \
                copy_element(src + i * stride, &v, sizeof(S), reversed);                              \
                d[i] = (T)(expression);                                                               \
            }                                                                                         \
        }                                                                                             \
    }
#define SG_CONVERT_BOTH(name, S, expression)                                                          \
    SG_CONVERT(name, S, 0, expression)                                                                \
    SG_CONVERT(name##_swapped, S, 1, expression)
SG_CONVERT(i8, int8_t, 0, v)
SG_CONVERT(u8, uint8_t, 0, v)
SG_CONVERT(bool, uint8_t, 0, v != 0)
SG_CONVERT_BOTH(f32, float, v)
SG_CONVERT_BOTH(f64, double, v)
SG_CONVERT_BOTH(i16, int16_t, v)
SG_CONVERT_BOTH(u16, uint16_t, v)
SG_CONVERT_BOTH(i32, int32_t, v)
SG_CONVERT_BOTH(u32, uint32_t, v)
SG_CONVERT_BOTH(i64, int64_t, v)
SG_CONVERT_BOTH(u64, uint64_t, v)
SG_CONVERT_BOTH(f16, uint16_t, half_to_float(v))
SG_CONVERT_BOTH(long, long double, v)
#undef SG_CONVERT_BOTH
#undef SG_CONVERT

SG_INLINE void F_(weight)(const T *xs, const T *SG_RESTRICT ws, T *SG_RESTRICT out, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) out[i] = xs[i] * ws[i];
}

/* What the steps before the window do to an element and the one before it. */
typedef struct {
    T gain, offset, emphasis;
} F_(line);

SG_INLINE void F_(weight_emphasized)(const T *xs, const T *before, const T *SG_RESTRICT ws,
                                     T *SG_RESTRICT out, ptrdiff_t n, F_(line) l) {
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] = ((xs[i] * l.gain + l.offset) - l.emphasis * (before[i] * l.gain + l.offset)) * ws[i];
}

/* Weights n elements and prefetches meanwhile. With a line, element -1 of x is read too. */
SG_INLINE void F_(weight_all)(const T *xs, const T *ws, T *out, ptrdiff_t n, const T *next,
                              ptrdiff_t n_ahead, const F_(line) *line) {
    /* A core waits for some 16 lines at a time; more at once would hold up the loads of the frame at hand. */
    const ptrdiff_t burst = 16 * WIDTH;
    ptrdiff_t bursts = (n_ahead + burst - 1) / burst;
    for (ptrdiff_t left = bursts > 1 ? bursts : 1; left > 0; left--) {
        ptrdiff_t part = left > 1 ? n / left / WIDTH * WIDTH : n;
        ptrdiff_t lines = n_ahead < burst ? n_ahead : burst;
        for (ptrdiff_t i = 0; i < lines; i += WIDTH) SG_PREFETCH(next + i);
        if (line) {
            F_(weight_emphasized)(xs, xs - 1, ws, out, part, *line);
        } else {
            F_(weight)(xs, ws, out, part);
        }
        xs += part, ws += part, out += part, n -= part;
        next += burst, n_ahead -= burst;
    }
}

static void F_(window)(const void *x, const void *w, void *buf, ptrdiff_t n,
                       const void *ahead, ptrdiff_t n_ahead) {
    /* buf is not aligned where a short window stands in the middle of its frame. */
    F_(weight_all)(x, SG_ALIGNED(w), buf, n, ahead, n_ahead, 0);
}

static void F_(emphasize)(const void *x, const void *w, void *buf, ptrdiff_t n, const void *ahead,
                          ptrdiff_t n_ahead, double gain, double offset, double emphasis) {
    const T *xs = x, *ws = SG_ALIGNED(w);
    T *out = buf, before[WIDTH];
    const F_(line) line = {(T)gain, (T)offset, (T)emphasis};
    ptrdiff_t first = n < WIDTH ? n : WIDTH;
    for (ptrdiff_t i = 0; i < first; i++) before[i] = xs[i > 0 ? i - 1 : 0];
    F_(weight_emphasized)(xs, before, ws, out, first, line);
    F_(weight_all)(xs + first, ws + first, out + first, n - first, ahead, n_ahead, &line);
}

/* Sums run in 16 partial sums of double, element i in sum i % 16, which are then added in a tree. */
static double F_(add_up)(double s[16]) {
    for (int half = 8; half > 0; half /= 2)
        for (int j = 0; j < half; j++) s[j] += s[j + half];
    return s[0];
}

static double F_(sum)(const void *x, ptrdiff_t n) {
    const T *xs = x;
    double s[16] = {0};
    ptrdiff_t i = 0;
    for (; i + 16 <= n; i += 16)
        for (int j = 0; j < 16; j++) s[j] += (double)xs[i + j];
    for (int j = 0; i < n; i++, j++) s[j] += (double)xs[i];
    return F_(add_up)(s);
}

static double F_(sum_squares)(const void *x, ptrdiff_t n) {
    const T *xs = x;
    double s[16] = {0};
    ptrdiff_t i = 0;
    for (; i + 16 <= n; i += 16)
        for (int j = 0; j < 16; j++) s[j] += (double)xs[i + j] * (double)xs[i + j];
    for (int j = 0; i < n; i++, j++) s[j] += (double)xs[i] * (double)xs[i];
    return F_(add_up)(s);
}

static void F_(affine)(const void *x, void *y, ptrdiff_t n, double gain, double offset) {
    const T *xs = x;
    T *ys = y, g = (T)gain, o = (T)offset;
    SG_INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) ys[i] = xs[i] * g + o;
}

static void F_(preemphasis)(const void *x, void *y, ptrdiff_t n, double c, double first) {
    const T *xs = x;
    T *SG_RESTRICT ys = y, factor = (T)c;
    if (n > 0) ys[0] = xs[0] - factor * (T)first;
    for (ptrdiff_t i = 1; i < n; i++) ys[i] = xs[i] - factor * xs[i - 1];
}

static void F_(overlap_add)(const void *y, const void *w, void *out, ptrdiff_t n) {
    const T *SG_RESTRICT ys = y, *SG_RESTRICT ws = w;
    T *SG_RESTRICT o = out;
    for (ptrdiff_t i = 0; i < n; i++) o[i] += ys[i] * ws[i];
}
