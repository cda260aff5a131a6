/* Helpers of kernels.c that do not depend on the dtype. */

/* cos and sin of 2 pi j / n, by reduction to the first octant in integers, so that the argument is
 * exact up to one rounding and symmetric points agree to the bit. */
static void unit_root(ptrdiff_t n, ptrdiff_t j, long double *cosine, long double *sine) {
    const long double two_pi = 6.283185307179586476925286766559005768L;
    long double c, s, swap;
    j %= n;
    if (j < 0) j += n;
    int below = 2 * j > n; /* lower half plane */
    if (below) j = n - j;
    int left = 4 * j > n;
    /* From here on the angle is 2 pi num / (2 n), to keep n/2 - j whole. */
    ptrdiff_t num = left ? n - 2 * j : 2 * j;
    int steep = 4 * num > n; /* above 45 degrees: num/(2n) > 1/8 */
    if (steep) { /* 2 pi (1/4 - num/(2n)) = 2 pi (n - 2 num) / (4 n) */
        long double a = two_pi * (long double)(n - 2 * num) / (4 * (long double)n);
        c = cosl(a), s = sinl(a);
        swap = c, c = s, s = swap;
    } else {
        long double a = two_pi * (long double)num / (2 * (long double)n);
        c = cosl(a), s = sinl(a);
    }
    *cosine = left ? -c : c;
    *sine = below ? -s : s;
}

static ptrdiff_t round_up(ptrdiff_t n, ptrdiff_t to) { return (n + to - 1) / to * to; }

/* float16 to float32, exact; selects instead of branches, and no subnormal operands, so that
 * flush-to-zero modes do not matter. */
SG_INLINE float half_to_float(uint16_t half) {
    uint32_t h = half, magnitude = h & 0x7fff, bits;
    float tiny = (float)(int32_t)magnitude * 0x1p-24f, value;
    uint32_t tiny_bits;
    memcpy(&tiny_bits, &tiny, 4);
    bits = (magnitude << 13) + (magnitude >= 0x7c00 ? (255u - 31u) << 23 : (127u - 15u) << 23);
    bits = magnitude < 0x0400 ? tiny_bits : bits;
    bits |= (h & 0x8000) << 16;
    memcpy(&value, &bits, 4);
    return value;
}

/* One element of `size` bytes, at any address, its bytes reversed if asked. Size and order are constants where
 * this is inlined. */
SG_INLINE void copy_element(const char *src, void *dst, size_t size, int reversed) {
    uint16_t b2;
    uint32_t b4;
    uint64_t b8;
    if (!reversed) {
        memcpy(dst, src, size);
    } else if (size == 2) {
        memcpy(&b2, src, 2);
        b2 = (uint16_t)(b2 << 8 | b2 >> 8);
        memcpy(dst, &b2, 2);
    } else if (size == 4) {
        memcpy(&b4, src, 4);
        b4 = b4 << 24 | (b4 & 0xff00) << 8 | (b4 >> 8 & 0xff00) | b4 >> 24;
        memcpy(dst, &b4, 4);
    } else if (size == 8) {
        memcpy(&b8, src, 8);
        b8 = (b8 & 0x00ff00ff00ff00ff) << 8 | (b8 >> 8 & 0x00ff00ff00ff00ff);
        b8 = (b8 & 0x0000ffff0000ffff) << 16 | (b8 >> 16 & 0x0000ffff0000ffff);
        b8 = b8 << 32 | b8 >> 32;
        memcpy(dst, &b8, 8);
    } else {
        for (size_t i = 0; i < size; i++) ((char *)dst)[i] = src[size - 1 - i];
    }
}

static void prefetch_write(char *p, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t bytes) {
    for (ptrdiff_t r = 0; r < rows; r++, p += stride) {
        char *line = p + (-(uintptr_t)p & 63);
        for (; line < p + bytes; line += 64) SG_PREFETCH_WRITE(line);
    }
}
