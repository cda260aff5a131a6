/* Included before every source where the C library is glibc, so that what is built against a newer one runs on 2.28.
 *
 * exp, log, log2 and pow have had a new version since 2.29, which leaves errno alone. The old version is the same
 * function with a check of its result behind it: it returns the same bits, but for the sign of the NaN of a negative
 * logarithm, which is not promised, in the same time. Modules that call none of these are unchanged.
 *
 * It includes nothing: Python.h has to be the first to say which features it wants of the library's headers. */
#if defined(__x86_64__) && defined(__LP64__)
#define SG_FIRST_GLIBC "GLIBC_2.2.5"
#elif defined(__aarch64__) && defined(__LP64__)
#define SG_FIRST_GLIBC "GLIBC_2.17"
#endif

#ifdef SG_FIRST_GLIBC
__asm__(".symver exp, exp@" SG_FIRST_GLIBC);
__asm__(".symver log, log@" SG_FIRST_GLIBC);
__asm__(".symver log2, log2@" SG_FIRST_GLIBC);
__asm__(".symver pow, pow@" SG_FIRST_GLIBC);
#undef SG_FIRST_GLIBC
#endif
