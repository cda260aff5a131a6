/* What threads need to look at each other without a lock. */
#ifndef SG_ATOMICS_H
#define SG_ATOMICS_H

#include <stdint.h>
#include <time.h>

#if defined(_MSC_VER)
#include <intrin.h>
#define sg_add(p) _InterlockedExchangeAdd64(p, 1)
#define sg_look(p) _InterlockedOr64(p, 0)
#define sg_put(p, value) _InterlockedExchange64(p, value)
#define sg_pause() YieldProcessor()
#else
#define sg_add(p) __atomic_fetch_add(p, 1, __ATOMIC_ACQ_REL)
#define sg_look(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define sg_put(p, value) __atomic_exchange_n(p, value, __ATOMIC_ACQ_REL)
#if defined(__x86_64__) || defined(__i386__)
#define sg_pause() __builtin_ia32_pause()
#else
#define sg_pause() ((void)0)
#endif
#endif

/* Put `value` where `expected` is; returns whether it was. */
static inline int sg_put_if(int64_t *p, int64_t expected, int64_t value) {
#if defined(_MSC_VER)
    return _InterlockedCompareExchange64(p, value, expected) == expected;
#else
    return __atomic_compare_exchange_n(p, &expected, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
#endif
}

/* Looks at *p for `patience` ns; returns whether it was n or more. */
static inline int sg_wait_for(int64_t *p, int64_t n, double patience) {
    struct timespec t;
    double start = -1, past = 0;
    while (sg_look(p) < n) {
        timespec_get(&t, TIME_UTC);
        past = 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
        if (start < 0) start = past;
        past -= start;
        if (past < 0 || past > patience) return 0;
        sg_pause();
    }
    return 1;
}

#endif
