/* Atomic counters and a bounded wait on one, for threads that do not hold the interpreter lock. */
#ifndef SG_ATOMICS_H
#define SG_ATOMICS_H

#include <stdint.h>
#include <time.h>

/* The builtins of GCC and Clang, whatever they compile for; else those of Microsoft's compiler. */
#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#define sg_fetch_add(p, n) _InterlockedExchangeAdd64(p, n)
#define sg_load(p) _InterlockedOr64(p, 0)
#define sg_exchange(p, value) _InterlockedExchange64(p, value)
#if defined(_M_ARM64)
#define sg_pause() __yield()
#else
#define sg_pause() _mm_pause()
#endif
#else
#define sg_fetch_add(p, n) __atomic_fetch_add(p, n, __ATOMIC_ACQ_REL)
#define sg_load(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define sg_exchange(p, value) __atomic_exchange_n(p, value, __ATOMIC_ACQ_REL)
#if defined(__x86_64__) || defined(__i386__)
#define sg_pause() __builtin_ia32_pause()
#elif defined(__aarch64__) || defined(__arm__)
#define sg_pause() __asm__ volatile("yield")
#else
#define sg_pause() ((void)0)
#endif
#endif

/* Store `value` if *p is `expected`; return whether it was. */
static inline int sg_compare_exchange(int64_t *p, int64_t expected, int64_t value) {
#if defined(_MSC_VER) && !defined(__clang__)
    return _InterlockedCompareExchange64(p, value, expected) == expected;
#else
    return __atomic_compare_exchange_n(p, &expected, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
#endif
}

/* A clock in nanoseconds that nobody sets back, where the platform has one. */
static inline int64_t sg_clock(void) {
    struct timespec t;
#if defined(_WIN32)
    timespec_get(&t, TIME_UTC);
#else
    clock_gettime(CLOCK_MONOTONIC, &t);
#endif
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Spin until *p is n or more, for at most `patience` nanoseconds; return whether it got there. */
static inline int sg_spin_until(int64_t *p, int64_t n, int64_t patience) {
    int64_t start, waited;
    if (sg_load(p) >= n) return 1;
    start = sg_clock();
    while (sg_load(p) < n) {
        waited = sg_clock() - start;
        if (waited < 0 || waited > patience) return 0;
        sg_pause();
    }
    return 1;
}

#endif
