/* Chooses the kernel table for this CPU. The tables themselves come from kernels.c, built once per level. */
#include "kernels.h"
/* Written by meson.build from levels.txt: SG_EACH_LEVEL(L) is L(name, whether this CPU has it) for each of the build. */
#include "levels.h"

#if defined(__x86_64__) || (defined(_M_X64) && defined(__clang__))
#include <cpuid.h>

/* Words of CPUID: ECX of leaf 1 and EBX of leaf 7, once it is known that the system saves the registers of AVX2, and
 * of AVX-512. Asked here, because __builtin_cpu_supports needs a library that is not linked on Windows. */
typedef struct {
    unsigned first, seventh;
} sg_cpu;

static sg_cpu ask(void) {
    sg_cpu cpu = {0, 0};
    unsigned a, b, c, d, saved;
    /* Whether the register of what is saved can be read; then its bits for AVX. */
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 27)) return cpu;
    __asm__ volatile("xgetbv" : "=a"(saved), "=d"(d) : "c"(0));
    if ((saved & 0x6) != 0x6) return cpu;
    cpu.first = c;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return cpu;
    cpu.seventh = b;
#if !defined(__APPLE__)
    /* macOS begins to save them when a thread uses one. */
    if ((saved & 0xe0) != 0xe0) cpu.seventh &= ~(1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31);
#endif
    return cpu;
}

/* The words of levels.txt. */
#define SG_HAS_fma (cpu.first >> 12 & 1)
#define SG_HAS_avx2 (cpu.seventh >> 5 & 1)
#define SG_HAS_bmi2 (cpu.seventh >> 8 & 1)
#define SG_HAS_avx512f (cpu.seventh >> 16 & 1)
#define SG_HAS_avx512dq (cpu.seventh >> 17 & 1)
#define SG_HAS_avx512cd (cpu.seventh >> 28 & 1)
#define SG_HAS_avx512bw (cpu.seventh >> 30 & 1)
#define SG_HAS_avx512vl (cpu.seventh >> 31 & 1)
#else
typedef int sg_cpu;
static sg_cpu ask(void) { return 0; }
#endif

#define DECLARE(name, has) extern const sg_kernels sg_##name##_f32, sg_##name##_f64;
SG_EACH_LEVEL(DECLARE)

const sg_kernels *sg_kernels_get(int i, int single) {
    const sg_cpu cpu = ask();
    (void)cpu;
#define COUNT_DOWN(name, has) \
    if ((has) && i-- == 0) return single ? &sg_##name##_f32 : &sg_##name##_f64;
    SG_EACH_LEVEL(COUNT_DOWN)
    return NULL;
}
