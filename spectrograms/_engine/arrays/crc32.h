/* CRC-32 of zlib, gzip and PNG: sixty-four bytes a turn with carry-less multiplication, where a processor has it. */
#ifndef SG_CRC32_H
#define SG_CRC32_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include <immintrin.h>
#define SG_CRC32_FOLDS __builtin_cpu_supports("pclmul")

/* Remainders of powers of x by the polynomial, bits reflected and shifted by one: moving 128 bits of a message by
 * as many bits as the name says multiplies its halves by x to that number plus 32 and minus 32. */
static const uint64_t sg_crc32_by_512[2] = {0x154442bd4, 0x1c6e41596};
static const uint64_t sg_crc32_by_128[2] = {0x1751997d0, 0x0ccaa009e};

__attribute__((target("pclmul"))) static inline __m128i sg_crc32_moved(__m128i x, __m128i by, __m128i onto) {
    __m128i low = _mm_clmulepi64_si128(x, by, 0x00), high = _mm_clmulepi64_si128(x, by, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), onto);
}

/* Replaces the first bytes of a message, a multiple of 64 of them and at least 64, by 16 with the same remainder. */
__attribute__((target("pclmul"))) static void sg_crc32_fold(
    const unsigned char *in, size_t size, uint32_t state, unsigned char *out
) {
#define SG_LOAD(i) _mm_loadu_si128((const __m128i *)(in + 16 * (i)))
    __m128i a = _mm_xor_si128(SG_LOAD(0), _mm_cvtsi32_si128((int)state)), b = SG_LOAD(1), c = SG_LOAD(2),
            d = SG_LOAD(3), by = _mm_loadu_si128((const __m128i *)sg_crc32_by_512);
    for (in += 64, size -= 64; size; in += 64, size -= 64) {
        a = sg_crc32_moved(a, by, SG_LOAD(0));
        b = sg_crc32_moved(b, by, SG_LOAD(1));
        c = sg_crc32_moved(c, by, SG_LOAD(2));
        d = sg_crc32_moved(d, by, SG_LOAD(3));
    }
    by = _mm_loadu_si128((const __m128i *)sg_crc32_by_128);
    d = sg_crc32_moved(sg_crc32_moved(sg_crc32_moved(a, by, b), by, c), by, d);
    _mm_storeu_si128((__m128i *)out, d);
#undef SG_LOAD
}
#else
#define SG_CRC32_FOLDS 0
static void sg_crc32_fold(const unsigned char *in, size_t size, uint32_t state, unsigned char *out) {
    (void)in, (void)size, (void)state, (void)out;
}
#endif

#endif
