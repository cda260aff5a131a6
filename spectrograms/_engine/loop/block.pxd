"""The block loop and what configures it. Read ``engine/__init__.py`` first."""
from libc.stdint cimport int64_t

from spectrograms._engine.loop.frames cimport Geometry, Signal
from spectrograms._engine.kernels.kernels cimport sg_band, sg_kernels
from spectrograms._engine.fourier.rfft cimport RfftPlan

cdef enum Spectrum:
    POWER
    COMPLEX
    SAMPLES
    ENERGY            # sum of squares of each frame, one row

cdef enum StageKind:
    BANK
    DENSE
    RESONATORS
    PAIR_POWER
    ROOT
    EXPONENT
    LOG
    AFFINE
    NORMALIZE
    DESCRIBE

# One step of a head. Banks turn `rows_in` rows of a tile into `rows_out`; the others work in place.
ctypedef struct Stage:
    int kind
    int64_t rows_in
    int64_t rows_out
    int64_t first            # of the rows that a dense bank reads
    const sg_band *bands
    const void *weights
    const double *axis       # positions of the rows that are described
    int which                # of the descriptors
    const void *window       # of resonators
    double a
    double b
    double c

cdef enum EnergyOf:
    NO_ENERGY
    RAW_ENERGY        # before pre-emphasis
    WINDOWED_ENERGY

# Done to each frame before the window, in this order.
ctypedef struct FrameSteps:
    bint any
    double gain
    double dither            # noise keyed by frame and sample
    bint remove_mean
    bint remove_trend        # the least-squares line
    int energy               # where the energy of the frame is taken
    double preemphasis
    bint short               # pre-emphasis, with the mean and the gain before it, and nothing else

cdef enum:
    MAX_HEADS = 32

# What becomes of the spectra: a chain of stages and the rows they end in.
ctypedef struct Head:
    int spectrum             # what it starts from: POWER, COMPLEX, SAMPLES or ENERGY
    int64_t bins             # rows it starts from
    int n_stages
    const Stage *stages
    bint turns               # some stage needs the block as a tile
    int64_t first_row        # of the spectrum that is written, where there are no stages
    bint pairs               # the last rows are real and imaginary parts in turn
    int64_t rows             # of the output

ctypedef struct Config:
    const sg_kernels *kernels
    Geometry geometry
    FrameSteps steps
    const RfftPlan *rfft
    int64_t n                # length of the transform
    int64_t bins             # n // 2 + 1
    int64_t window_at        # where the window and the frame stand among the n
    const void *window       # frame long; carries the gain of the transform
    double energy_scale      # undoes what the window carries beside its shape
    int spectrum             # of the spectra buffer: POWER or COMPLEX; SAMPLES where no head needs it
    int64_t block            # frames of a block
    int64_t gathered         # samples the gather buffer holds
    int n_heads
    const Head *heads
    # Scratch, as byte offsets into the arena, and row lengths in elements.
    int64_t frame_row
    int64_t at_frame
    int64_t at_buffer
    int64_t at_transformed
    int64_t at_spectra
    int64_t at_energy
    int64_t at_tile
    int64_t at_tile_2
    int64_t at_gathered
    int64_t at_scratch
    int64_t arena_size
    bint has_tiles           # always where a head turns

# Where results go: element (row, frame) at data + row * row_stride + frame * frame_stride (bytes).
# Frames count from the first one computed.
ctypedef struct Target:
    char *data
    int64_t row_stride
    int64_t frame_stride
    bint single              # elements are float32 although the arithmetic is float64


cdef void run_frames(const Config *c, const Signal *signal, int64_t first, int64_t count,
                     const Target *targets, char *arena) noexcept nogil
