/* Chooses the kernel table for this CPU. The tables themselves come from kernels.c, built once per level. */
#include "kernels.h"

#define DECLARE(name) extern const sg_kernels sg_##name##_f32, sg_##name##_f64
#ifdef SG_HAVE_0
DECLARE(plain);
#endif
#ifdef SG_HAVE_1
DECLARE(baseline);
#endif
#ifdef SG_HAVE_2
DECLARE(v3);
#endif
#ifdef SG_HAVE_3
DECLARE(v4);
#endif

static int cpu_has(int level) {
    if (level <= 1) return 1;
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    __builtin_cpu_init();
    int v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    if (level == 2) return v3;
    return v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl");
#else
    return 0;
#endif
}

const sg_kernels *sg_kernels_get(int level, int single) {
    if (level < 0 || level >= SG_LEVELS || !cpu_has(level)) return NULL;
    switch (level) {
#ifdef SG_HAVE_0
    case 0: return single ? &sg_plain_f32 : &sg_plain_f64;
#endif
#ifdef SG_HAVE_1
    case 1: return single ? &sg_baseline_f32 : &sg_baseline_f64;
#endif
#ifdef SG_HAVE_2
    case 2: return single ? &sg_v3_f32 : &sg_v3_f64;
#endif
#ifdef SG_HAVE_3
    case 3: return single ? &sg_v4_f32 : &sg_v4_f64;
#endif
    default: return NULL;
    }
}

int sg_kernels_best(void) {
    int level = SG_LEVELS - 1;
    while (level > 0 && !sg_kernels_get(level, 1)) level--;
    return level;
}
