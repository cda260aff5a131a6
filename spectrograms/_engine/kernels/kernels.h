/* The inner loops of the engine: one table of functions per dtype and instruction set.
 *
 * Both dtypes share one struct type: data pointers are void *, scalars are double, so the block
 * loop above is written once and the only dtype ladder in the package is the choice of a table.
 * T below is float or double according to the table. All sizes count T unless said otherwise.
 *
 * Alphabet: x signal, w window, t frame, k bin, b band, n length of a frame, B frames of a block.
 * A "tile" is a block transposed to [row][frame]: one row per bin or band, `ld` apart, with the
 * frames of the block side by side. `lanes` (the number of frames computed) is a multiple of
 * `width`; rows are 64-byte aligned. Kernels on tiles work on all lanes alike, so that a value
 * never depends on where in the block its frame stands.
 */
#ifndef SPECTROGRAMS_KERNELS_H
#define SPECTROGRAMS_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* Row b of a banded bank: weights[offset .. offset+length) act on rows start .. start+length. */
typedef struct {
    int64_t start;
    int64_t length;
    int64_t offset;
} sg_band;

/* Element types a signal may have; the index into `convert`. Only SG_F32 and SG_F64 may be read without it, and
 * promise addresses that are multiples of their size: at any others they are SG_LOOSE_F32 and SG_LOOSE_F64. */
enum sg_sample {
    SG_F32, SG_F64, SG_I8, SG_U8, SG_I16, SG_U16, SG_I32, SG_U32, SG_I64, SG_U64, SG_BOOL, SG_F16, SG_LONG_DOUBLE,
    SG_LOOSE_F32, SG_LOOSE_F64,
    SG_SWAPPED, /* + one of the first: the same in the other byte order; none of single bytes */
    SG_SAMPLE_TYPES = SG_SWAPPED + SG_LONG_DOUBLE + 1
};

/* What one number says about a column; the index into `describe`. */
enum sg_descriptor {
    SG_CENTROID, SG_BANDWIDTH, SG_ROLLOFF, SG_FLATNESS, SG_RMS, SG_CROSSINGS,
    SG_CREST, SG_ENTROPY, SG_SLOPE, SG_PEAKS, SG_VALLEYS,
    SG_DESCRIPTORS
};

typedef struct {
    const char *level;   /* a name in levels.txt */
    ptrdiff_t itemsize;  /* sizeof(T) */
    ptrdiff_t width;     /* lanes are counted in multiples of this: 16 for float, 8 for double */
    ptrdiff_t group;     /* frames that group_power and group_complex finish together; divides `width` */

#define SG_KERNEL(result, name, arguments) result(*name) arguments;
#define SG_KERNELS(result, name, count, arguments) result(*name[count]) arguments;
#include "list.inc"
#undef SG_KERNEL
#undef SG_KERNELS
} sg_kernels;

/* Table i of those that both the build and this CPU have, from the slowest level to the fastest; NULL behind the last.
 * `single` picks float. */
const sg_kernels *sg_kernels_get(int i, int single);

#endif
