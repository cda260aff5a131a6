/* Transposes: from frame-major scratch to bin-major tiles and outputs. Values are only moved, so tiles at
 * the edges may overlap their neighbours. */

SG_INLINE void F_(transpose_scalars)(const char *src, ptrdiff_t lds, char *dst, ptrdiff_t ldd,
                                     ptrdiff_t rows, ptrdiff_t cols) {
    const ptrdiff_t item = sizeof(T);
    for (ptrdiff_t c = 0; c < cols; c++)
        for (ptrdiff_t r = 0; r < rows; r++)
            memcpy(dst + (c * ldd + r) * item, src + (r * lds + c) * item, sizeof(T));
}

#if SG_VECTORS
/* TILE x TILE elements in 32-byte vectors, 16-byte ones where there are no wider. Also for AVX-512: wide
 * shuffles are no faster, and halves can be loaded where they are needed. */
#if SG_VECTOR_BYTES >= 32
#define PIECE_BYTES 32
#else
#define PIECE_BYTES 16
#endif
#define TILE (PIECE_BYTES / (ptrdiff_t)sizeof(T))
typedef T F_(piece) __attribute__((vector_size(PIECE_BYTES)));
#define P F_(piece)

SG_INLINE void F_(put_piece)(T *p, P v) { memcpy(p, &v, sizeof v); }

#if PIECE_BYTES == 32
/* Rows r and r + TILE/2 side by side: what is left to do is the same within each 16 bytes. */
#define ROW(r, c) F_(load_halves)(src + (r) * lds + (c), src + ((r) + TILE / 2) * lds + (c))
#if SG_SINGLE
#define MERGE_LOW 0, 8, 1, 9, 4, 12, 5, 13
#define MERGE_HIGH 2, 10, 3, 11, 6, 14, 7, 15
#define FRONT 0, 1, 8, 9, 4, 5, 12, 13
#define BACK 2, 3, 10, 11, 6, 7, 14, 15
#else
#define MERGE_LOW 0, 4, 2, 6
#define MERGE_HIGH 1, 5, 3, 7
#endif
#define STRIPS 2 /* of 16 bytes in a row of the tile */
#else
SG_INLINE P F_(get_piece)(const T *p) {
    P v;
    memcpy(&v, p, sizeof v);
    return v;
}
#define ROW(r, c) F_(get_piece)(src + (r) * lds + (c))
#if SG_SINGLE
#define MERGE_LOW 0, 4, 1, 5
#define MERGE_HIGH 2, 6, 3, 7
#define FRONT 0, 1, 4, 5
#define BACK 2, 3, 6, 7
#else
#define MERGE_LOW 0, 2
#define MERGE_HIGH 1, 3
#endif
#define STRIPS 1
#endif

SG_INLINE void F_(transpose_tile)(const T *src, ptrdiff_t lds, T *dst, ptrdiff_t ldd) {
    for (int strip = 0; strip < STRIPS; strip++) {
        int c = strip * 16 / (int)sizeof(T);
        T *out = dst + c * ldd;
#if SG_SINGLE
        P r0 = ROW(0, c), r1 = ROW(1, c), r2 = ROW(2, c), r3 = ROW(3, c);
        P a = SG_SHUFFLE(r0, r1, MERGE_LOW), b = SG_SHUFFLE(r2, r3, MERGE_LOW);
        F_(put_piece)(out, SG_SHUFFLE(a, b, FRONT));
        F_(put_piece)(out + ldd, SG_SHUFFLE(a, b, BACK));
        a = SG_SHUFFLE(r0, r1, MERGE_HIGH), b = SG_SHUFFLE(r2, r3, MERGE_HIGH);
        F_(put_piece)(out + 2 * ldd, SG_SHUFFLE(a, b, FRONT));
        F_(put_piece)(out + 3 * ldd, SG_SHUFFLE(a, b, BACK));
#else
        P r0 = ROW(0, c), r1 = ROW(1, c);
        F_(put_piece)(out, SG_SHUFFLE(r0, r1, MERGE_LOW));
        F_(put_piece)(out + ldd, SG_SHUFFLE(r0, r1, MERGE_HIGH));
#endif
    }
}

static void F_(transpose)(const void *source, ptrdiff_t lds, void *target, ptrdiff_t ldd,
                          ptrdiff_t rows, ptrdiff_t cols) {
    const T *src = source;
    T *dst = target;
    ptrdiff_t spare = cols % TILE;
    if (rows < TILE || cols < TILE) {
        F_(transpose_scalars)(source, lds, target, ldd, rows, cols);
        return;
    }
    for (ptrdiff_t c = 0; c + TILE <= cols; c += TILE) {
        ptrdiff_t r = 0;
        for (; r + TILE <= rows; r += TILE)
            F_(transpose_tile)(src + r * lds + c, lds, dst + c * ldd + r, ldd);
        if (r < rows) {
            r = rows - TILE;
            F_(transpose_tile)(src + r * lds + c, lds, dst + c * ldd + r, ldd);
        }
    }
    /* Even lengths leave one column, the Nyquist bin. */
    if (spare > 0)
        F_(transpose_scalars)((const char *)(src + cols - spare), lds, (char *)(dst + (cols - spare) * ldd),
                              ldd, rows, spare);
}

#undef PIECE_BYTES
#undef TILE
#undef P
#undef ROW
#undef MERGE_LOW
#undef MERGE_HIGH
#undef FRONT
#undef BACK
#undef STRIPS
#else

static void F_(transpose)(const void *src, ptrdiff_t lds, void *dst, ptrdiff_t ldd,
                          ptrdiff_t rows, ptrdiff_t cols) {
    F_(transpose_scalars)(src, lds, dst, ldd, rows, cols);
}
#endif

static void F_(transpose_complex)(const void *source, ptrdiff_t lds, void *target, ptrdiff_t ldd,
                                  ptrdiff_t rows, ptrdiff_t cols) {
#if SG_SINGLE
    transpose_f64(source, lds, target, ldd, rows, cols);
#else
    const double *src = source;
    double *dst = target;
    for (ptrdiff_t c = 0; c < cols; c++) {
        ptrdiff_t r = 0;
#if SG_VECTORS && SG_VECTOR_BYTES >= 32
        for (; r + 2 <= rows; r += 2) {
            const double *from = src + 2 * (r * lds + c);
            piece_f64 v = load_halves_f64(from, from + 2 * lds);
            memcpy(dst + 2 * (c * ldd + r), &v, 32);
        }
#endif
        for (; r < rows; r++) memcpy(dst + 2 * (c * ldd + r), src + 2 * (r * lds + c), 16);
    }
#endif
}
