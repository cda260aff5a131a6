/* Chooses the kernel table for this CPU. The tables themselves come from kernels.c, built once per level. */
#include "kernels.h"
/* Written by meson.build from levels.txt: SG_EACH_LEVEL(L) is L(name, whether this CPU has it) for each of the build. */
#include "levels.h"

#define DECLARE(name, has) extern const sg_kernels sg_##name##_f32, sg_##name##_f64;
SG_EACH_LEVEL(DECLARE)

const sg_kernels *sg_kernels_get(int i, int single) {
#if defined(__x86_64__)
    __builtin_cpu_init();
#endif
#define COUNT_DOWN(name, has) \
    if ((has) && i-- == 0) return single ? &sg_##name##_f32 : &sg_##name##_f64;
    SG_EACH_LEVEL(COUNT_DOWN)
    return NULL;
}
