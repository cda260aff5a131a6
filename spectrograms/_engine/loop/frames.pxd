"""Frame geometry: which samples a frame covers, and what stands outside the signal."""
from libc.stdint cimport int64_t

from spectrograms._engine.kernels.kernels cimport SG_F32, SG_F64, sg_kernels

# What stands beside the signal, up to `Geometry.reach` samples from it.
cdef enum Padding:
    PAD_ZEROS
    PAD_REFLECT      # the edge sample is not repeated
    PAD_SYMMETRIC    # the edge sample is repeated
    PAD_EDGE
    PAD_CIRCULAR
    PAD_ODD          # point reflection about the edge value


# Fixed by the plan. Frame t covers the padded indices t * hop - left .. t * hop - left + frame. Index 0 is
# the first of the `lead` zeros that are put before the signal, or its first sample if there are none.
ctypedef struct Geometry:
    int64_t frame
    int64_t hop
    int64_t left
    int64_t lead
    int64_t reach            # samples on each side that `padding` fills; zeros beyond
    int padding
    double preemphasis       # over the whole signal: y[j] = x[j] - c * x[j-1], y[0] = x[0]


# One signal, or the part of it that is in memory: samples origin .. origin + available of `length`.
ctypedef struct Signal:
    const char *data
    int64_t stride           # bytes
    int type                 # enum sg_sample
    int64_t origin
    int64_t available
    int64_t length
    int64_t tail             # zeros that belong to the signal, after its end


# Whether samples of that type and distance can be read where they are: contiguous, of the working dtype.
cdef inline bint is_native(int type, int64_t stride, ptrdiff_t itemsize) noexcept nogil:
    return stride == itemsize and type == (SG_F32 if itemsize == 4 else SG_F64)


cdef void gather(const sg_kernels *kernels, const Geometry *geometry, const Signal *signal,
                 int64_t first, int64_t count, char *target, char *scratch) noexcept nogil

cpdef int64_t count_frames(int64_t n_samples, int64_t frame, int64_t hop, int64_t pad=*,
                           int64_t short_frames=*) noexcept nogil
