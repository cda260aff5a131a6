"""The kernel tables of ``kernels.h`` and ``list.inc``; only ``kernels.pyx`` links to them."""
from libc.stdint cimport int64_t

cdef extern from "kernels.h" nogil:
    ctypedef struct sg_band:
        int64_t start
        int64_t length
        int64_t offset

    enum:
        SG_F32, SG_F64, SG_I8, SG_U8, SG_I16, SG_U16, SG_I32, SG_U32, SG_I64, SG_U64, SG_BOOL, SG_F16
        SG_LONG_DOUBLE, SG_LOOSE_F32, SG_LOOSE_F64, SG_SWAPPED
        SG_SAMPLE_TYPES
        SG_CENTROID, SG_BANDWIDTH, SG_ROLLOFF, SG_FLATNESS, SG_RMS, SG_CROSSINGS
        SG_CREST, SG_ENTROPY, SG_SLOPE, SG_PEAKS, SG_VALLEYS

    ctypedef struct sg_kernels:
        const char *level
        ptrdiff_t itemsize
        ptrdiff_t width
        ptrdiff_t group
        void (*convert[28])(const char *, ptrdiff_t, void *, ptrdiff_t) noexcept nogil
        void (*window)(const void *, const void *, void *, ptrdiff_t, const void *, ptrdiff_t) noexcept nogil
        void (*emphasize)(const void *, const void *, void *, ptrdiff_t, const void *, ptrdiff_t,
                          double, double, double) noexcept nogil
        double (*sum)(const void *, ptrdiff_t) noexcept nogil
        double (*sum_squares)(const void *, ptrdiff_t) noexcept nogil
        void (*affine)(const void *, void *, ptrdiff_t, double, double) noexcept nogil
        void (*levels)(const signed char *, const void *, const void *, void *, ptrdiff_t,
                       ptrdiff_t) noexcept nogil
        void (*preemphasis)(const void *, void *, ptrdiff_t, double, double) noexcept nogil
        void (*halve)(const void *, const void *, ptrdiff_t, void *, ptrdiff_t, void *) noexcept nogil
        ptrdiff_t (*split_table_len)(ptrdiff_t) noexcept nogil
        void (*split_table)(ptrdiff_t, void *) noexcept nogil
        void (*split_power)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        void (*split_complex)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        ptrdiff_t (*split4_table_len)(ptrdiff_t) noexcept nogil
        void (*split4_table)(ptrdiff_t, void *) noexcept nogil
        void (*split4_power)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        void (*split4_complex)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        ptrdiff_t (*combine_table_len)(ptrdiff_t, ptrdiff_t) noexcept nogil
        void (*combine_table)(ptrdiff_t, ptrdiff_t, void *) noexcept nogil
        void (*combine)(const void *, const void *, void *, ptrdiff_t, ptrdiff_t) noexcept nogil
        void (*planar_power)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        void (*planar_complex)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        void (*group_power)(const void *, ptrdiff_t, void *, const void *, const void *,
                            void *, ptrdiff_t, ptrdiff_t, ptrdiff_t) noexcept nogil
        void (*group_complex)(const void *, ptrdiff_t, void *, const void *, const void *,
                              void *, ptrdiff_t, ptrdiff_t, ptrdiff_t) noexcept nogil
        void (*norm)(const void *, void *, ptrdiff_t) noexcept nogil
        void (*merge)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        void (*overlap_add)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        void (*transpose)(const void *, ptrdiff_t, void *, ptrdiff_t, ptrdiff_t, ptrdiff_t) noexcept nogil
        void (*transpose_complex)(const void *, ptrdiff_t, void *, ptrdiff_t,
                                  ptrdiff_t, ptrdiff_t) noexcept nogil
        void (*bank)(const void *, ptrdiff_t, const sg_band *, ptrdiff_t, const void *,
                     void *, ptrdiff_t, ptrdiff_t) noexcept nogil
        void (*pair_bank)(const void *, ptrdiff_t, const sg_band *, ptrdiff_t, const void *,
                          void *, ptrdiff_t, ptrdiff_t) noexcept nogil
        void (*dense)(const void *, ptrdiff_t, const void *, ptrdiff_t, ptrdiff_t,
                      void *, ptrdiff_t, ptrdiff_t) noexcept nogil
        void (*pair_power)(const void *, ptrdiff_t, ptrdiff_t, void *, ptrdiff_t, ptrdiff_t) noexcept nogil
        void (*resonators)(const void *, ptrdiff_t, ptrdiff_t, const void *, ptrdiff_t,
                           void *, ptrdiff_t, ptrdiff_t) noexcept nogil
        void (*normalize)(void *, ptrdiff_t, ptrdiff_t, ptrdiff_t, int) noexcept nogil
        void (*describe[11])(const void *, ptrdiff_t, ptrdiff_t, const double *, double,
                             void *, ptrdiff_t) noexcept nogil
        void (*running_rank)(const void *, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, void *,
                             void *, ptrdiff_t, ptrdiff_t) noexcept nogil
        void (*moments)(const void *, ptrdiff_t, ptrdiff_t, double *) noexcept nogil
        void (*root)(void *, ptrdiff_t, double, double) noexcept nogil
        void (*power)(void *, ptrdiff_t, double) noexcept nogil
        void (*log)(void *, ptrdiff_t, double, double, double) noexcept nogil
        void (*soft_mask)(const void *, const void *, void *, ptrdiff_t,
                          double, double, double) noexcept nogil
        void (*multiply)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        void (*stretch)(const void *, const void *, double, ptrdiff_t, void *, void *) noexcept nogil
        void (*reassign)(const void *, const void *, const void *, ptrdiff_t,
                         const double *, void *) noexcept nogil
        void (*mdct_fold)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        void (*mdct_unfold)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        ptrdiff_t (*mdct_table_len)(ptrdiff_t) noexcept nogil
        void (*mdct_table)(ptrdiff_t, void *) noexcept nogil
        void (*mdct_twiddle)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        void (*mdct_untwiddle)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        void (*mdct_odd_twiddle)(const void *, const void *, const void *, void *, ptrdiff_t) noexcept nogil
        void (*mdct_odd_untwiddle)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        void (*mdct_odd_spread)(const void *, const void *, void *, ptrdiff_t) noexcept nogil
        void (*mdct_odd_add)(const void *, const void *, const void *, void *, ptrdiff_t) noexcept nogil
        void (*prefetch_write)(char *, ptrdiff_t, ptrdiff_t, ptrdiff_t) noexcept nogil

    const sg_kernels *sg_kernels_get(int i, int single)

# The table in use for a dtype; never NULL.
cdef const sg_kernels *kernels_for(bint single) noexcept nogil
