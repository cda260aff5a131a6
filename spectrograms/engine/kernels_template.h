/* All kernels for one dtype; included by kernels.c for double, then for float. */
#if SG_SINGLE
#define T float
#define SG_SUFFIX _f32
#define T_SQRT sqrtf
#define T_POW powf
#define T_ABS fabsf
#define T_MIN FLT_MIN
#define T_MAX FLT_MAX
#define WIDTH 16
#else
#define T double
#define SG_SUFFIX _f64
#define T_SQRT sqrt
#define T_POW pow
#define T_ABS fabs
#define T_MIN DBL_MIN
#define T_MAX DBL_MAX
#define WIDTH 8
#endif
#if SG_SINGLE
#define VECTOR_LANES SG_VECTOR_LANES_F32
#else
#define VECTOR_LANES SG_VECTOR_LANES_F64
#endif
#define F_(name) SG_PASTE(name, SG_SUFFIX)

#include "kernels_lanes.h"
#include "kernels_signal.h"
#include "kernels_split.h"
#include "kernels_layout.h"
#include "kernels_tiles.h"
#include "kernels_resonators.h"
#include "kernels_element.h"
#include "kernels_descriptors.h"
#include "kernels_moments.h"
#include "kernels_products.h"
#include "kernels_mdct.h"

const sg_kernels SG_PASTE3(sg_, SG_NAME, SG_SUFFIX) = {
    .level = SG_STRING(SG_NAME),
    .itemsize = sizeof(T),
    .width = WIDTH,
    .convert = {
        [SG_F32] = F_(convert_f32), [SG_F64] = F_(convert_f64), [SG_I8] = F_(convert_i8),
        [SG_U8] = F_(convert_u8), [SG_I16] = F_(convert_i16), [SG_U16] = F_(convert_u16),
        [SG_I32] = F_(convert_i32), [SG_U32] = F_(convert_u32), [SG_I64] = F_(convert_i64),
        [SG_U64] = F_(convert_u64), [SG_BOOL] = F_(convert_bool), [SG_F16] = F_(convert_f16),
        [SG_LONG_DOUBLE] = F_(convert_long), [SG_LOOSE_F32] = F_(convert_f32), [SG_LOOSE_F64] = F_(convert_f64),
        [SG_SWAPPED + SG_F32] = F_(convert_f32_swapped), [SG_SWAPPED + SG_F64] = F_(convert_f64_swapped),
        [SG_SWAPPED + SG_I16] = F_(convert_i16_swapped), [SG_SWAPPED + SG_U16] = F_(convert_u16_swapped),
        [SG_SWAPPED + SG_I32] = F_(convert_i32_swapped), [SG_SWAPPED + SG_U32] = F_(convert_u32_swapped),
        [SG_SWAPPED + SG_I64] = F_(convert_i64_swapped), [SG_SWAPPED + SG_U64] = F_(convert_u64_swapped),
        [SG_SWAPPED + SG_F16] = F_(convert_f16_swapped),
        [SG_SWAPPED + SG_LONG_DOUBLE] = F_(convert_long_swapped),
    },
    .window = F_(window),
    .emphasize = F_(emphasize),
    .sum = F_(sum),
    .sum_squares = F_(sum_squares),
    .affine = F_(affine),
    .preemphasis = F_(preemphasis),
    .split_table_len = F_(split_table_len),
    .split_table = F_(split_table),
    .split_power = F_(split_power),
    .split_complex = F_(split_complex),
    .split4_table_len = F_(split4_table_len),
    .split4_table = F_(split4_table),
    .split4_power = F_(split4_power),
    .split4_complex = F_(split4_complex),
    .combine_table_len = F_(combine_table_len),
    .combine_table = F_(combine_table),
    .combine = F_(combine),
    .planar_power = F_(planar_power),
    .planar_complex = F_(planar_complex),
    .norm = F_(norm),
    .merge = F_(merge),
    .overlap_add = F_(overlap_add),
    .transpose = F_(transpose),
    .transpose_complex = F_(transpose_complex),
    .bank = F_(bank),
    .dense = F_(dense),
    .pair_power = F_(pair_power),
    .resonators = F_(resonators),
    .normalize = F_(normalize),
    .describe = {
        [SG_CENTROID] = F_(centroid), [SG_BANDWIDTH] = F_(bandwidth), [SG_ROLLOFF] = F_(rolloff),
        [SG_FLATNESS] = F_(flatness), [SG_RMS] = F_(rms), [SG_CROSSINGS] = F_(crossings),
    },
    .moments = F_(moments),
    .root = F_(root),
    .power = F_(power),
    .log = F_(log),
    .multiply = F_(multiply),
    .mdct_fold = F_(mdct_fold),
    .mdct_unfold = F_(mdct_unfold),
    .mdct_table_len = F_(mdct_table_len),
    .mdct_table = F_(mdct_table),
    .mdct_twiddle = F_(mdct_twiddle),
    .mdct_untwiddle = F_(mdct_untwiddle),
    .mdct_odd_twiddle = F_(mdct_odd_twiddle),
    .mdct_odd_untwiddle = F_(mdct_odd_untwiddle),
    .mdct_odd_spread = F_(mdct_odd_spread),
    .mdct_odd_add = F_(mdct_odd_add),
    .prefetch_write = prefetch_write,
};

#undef T
#undef SG_SUFFIX
#undef T_SQRT
#undef T_POW
#undef T_ABS
#undef T_MIN
#undef T_MAX
#undef WIDTH
#undef F_
#undef VECTOR_LANES
#undef V
