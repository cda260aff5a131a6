/* The inner loops, compiled once for each line of levels.txt: -DSG_NAME=plain -DSG_VECTORS=0 or, with the vector
 * extensions of the compiler, -DSG_NAME=v3 -DSG_VECTORS=1. The plain level is the twin of the others: the same sums in
 * plain loops.
 *
 * Exports the two tables sg_<name>_f32 and sg_<name>_f64 and nothing else: were one of the functions
 * shared between levels, the linker might keep the AVX-512 copy for everybody.
 *
 * Bytes: the operations behind a value depend on its bin, the length, dtype and instruction set,
 * never on alignment or on where in a block its frame stands.
 */
#include "kernels.h"

#include <float.h>
#include <math.h>
#include <string.h>
/* Clang that stands in for Microsoft's compiler calls itself by its own name only. */
#if defined(__GNUC__) || defined(__clang__)
#define SG_GNU 1
#else
#define SG_GNU 0
#endif
#if SG_GNU && defined(__AVX2__)
#include <immintrin.h>
#endif

#include "logcoef.h"

#if SG_GNU
#define SG_INLINE static inline __attribute__((always_inline, unused))
/* Compiled once, however many call it. */
#ifdef __clang__
#define SG_APART __attribute__((noinline))
#else
#define SG_APART __attribute__((noinline, noclone))
#endif
#define SG_RESTRICT __restrict__
#define SG_ALIGNED(p) __builtin_assume_aligned((p), 64)
#define SG_PREFETCH(p) __builtin_prefetch((p), 0)
#define SG_PREFETCH_WRITE(p) __builtin_prefetch((p), 1)
/* Iterations of the next loop do not depend on each other, whatever the pointers look like. */
#ifdef __clang__
#define SG_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define SG_INDEPENDENT _Pragma("GCC ivdep")
#endif
#else
#define SG_INLINE static __inline
#define SG_APART
#define SG_RESTRICT __restrict
#define SG_ALIGNED(p) (p)
#define SG_PREFETCH(p) ((void)(p))
#define SG_PREFETCH_WRITE(p) ((void)(p))
#define SG_INDEPENDENT
#endif

/* DENSE_VECTORS: of frames, times four bands; 16 accumulators fit in the registers of AVX-512 only. */
#if defined(__AVX512F__)
#define DENSE_VECTORS 4
#define SG_VECTOR_BYTES 64
#define SG_VECTOR_LANES_F32 16
#define SG_VECTOR_LANES_F64 8
#elif defined(__AVX2__)
#define DENSE_VECTORS 2
#define SG_VECTOR_BYTES 32
#define SG_VECTOR_LANES_F32 8
#define SG_VECTOR_LANES_F64 4
#else
#define DENSE_VECTORS 2
#define SG_VECTOR_BYTES 16
#define SG_VECTOR_LANES_F32 4
#define SG_VECTOR_LANES_F64 2
#endif

/* In a * b + c * d either product may be the one that is fused. Passing one through here rounds it and so
 * settles which, wherever the expression occurs: power and |complex|^2 then agree to the bit. */
#if SG_GNU && defined(__FMA__)
#define SG_ROUNDED(v) __asm__("" : "+v"(v))
#elif SG_GNU && defined(__aarch64__)
#define SG_ROUNDED(v) __asm__("" : "+w"(v))
#else
#define SG_ROUNDED(v) ((void)(v))
#endif

#define SG_PASTE_(a, b) a##b
#define SG_PASTE(a, b) SG_PASTE_(a, b)
#define SG_PASTE3(a, b, c) SG_PASTE(SG_PASTE(a, b), c)
#define SG_STRING_(a) #a
#define SG_STRING(a) SG_STRING_(a)

#include "bodies/common.inc"
#include "bodies/roots.inc"
#include "bodies/shuffles.inc"

/* double first: the complex transpose of float32 moves its 8-byte pairs with the double kernel. */
#define SG_SINGLE 0
#include "bodies/template.inc"
#undef SG_SINGLE
#define SG_SINGLE 1
#include "bodies/template.inc"
