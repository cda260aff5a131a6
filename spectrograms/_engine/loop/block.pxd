"""The block loop and its configuration. Read ``_engine/__init__.py`` first."""
from libc.stdint cimport int64_t

from spectrograms._engine.loop.frames cimport Geometry, Signal
from spectrograms._engine.loop.octaves cimport Octaves
from spectrograms._engine.loop.repeated cimport Cepstra, Reassigned
from spectrograms._engine.loop.steps cimport FrameSteps
from spectrograms._engine.kernels.kernels cimport sg_band, sg_kernels
from spectrograms._engine.fourier.rfft cimport RfftPlan

# What the stages of an output start from.
cdef enum Spectrum:
    POWER
    COMPLEX
    REASSIGNED        # frequencies, times and magnitudes of the bins, in one row
    SAMPLES           # of the raw frame, before the frame steps
    ENERGY            # sum of squares of each frame, one row

cdef enum StageKind:
    BANK
    PAIR_BANK         # two and two rows of the bank, real and imaginary parts, have the same inputs
    DENSE
    RESONATORS
    OCTAVES           # first of its output: of the raw samples around the frame, at several rates
    PAIR_POWER
    ROOT
    EXPONENT
    LOG
    AFFINE
    NORMALIZE
    EDGES
    DESCRIBE
    CEPSTRUM          # of all bins, frame by frame

# How the spectra of a block leave the transform.
cdef enum Way:
    ROWS              # one row for each frame, in the spectra buffer
    TILE              # there, too, but one row for each bin
    DIRECT            # whole groups of frames in the output, the others as rows

# One stage of an output. Banks make `rows_out` rows of a tile out of `rows_in`; the others work in place.
# Which of the other fields are used depends on the kind; `Engine._prepare_stages` sets them.
ctypedef struct Stage:
    int kind
    int64_t rows_in
    int64_t rows_out
    int64_t first            # first row that a dense bank reads
    const sg_band *bands
    const void *weights
    const double *axis       # position of each row, for descriptors
    const double *parameters  # one for each band that is described
    const void *window       # for resonators, which see raw samples
    const Octaves *octaves
    const Cepstra *cepstra
    double a                 # parameters of the kernel, in its order
    double b
    double c

cdef enum:
    MAX_OUTPUTS = 32

# One output of a pass: a chain of stages over the spectra, and the rows it ends in.
ctypedef struct Output:
    int spectrum             # what it starts from: one of `Spectrum`
    int64_t bins             # rows it starts from
    int n_stages
    const Stage *stages
    bint needs_tile          # some stage works on the block as a tile
    int64_t first_row        # first bin that is written, where there are no stages
    bint pairs               # the last rows are real and imaginary parts in turn
    bint real                # of complex spectra the real parts alone, normalized or as they are
    int64_t rows             # written in the end

# Everything the loop depends on. Built by `Engine`, read-only from then on, and without references to Python
# objects, so that any number of threads may read it without the GIL.
ctypedef struct Config:
    const sg_kernels *kernels
    Geometry geometry
    FrameSteps steps
    const RfftPlan *rfft     # NULL where no output needs a spectrum
    const Reassigned *reassigned  # NULL unless the spectra are that
    int64_t n                # length of the transform
    int64_t bins             # n // 2 + 1
    int64_t window_at        # where the window and the frame stand among the n
    const void *window       # as long as the frame; the gain of the transform is in it
    double energy_scale      # takes that gain out of a windowed energy
    int spectrum             # of the spectra buffer; SAMPLES where no output needs it
    int64_t block            # frames of a block
    int64_t group            # frames that are finished together, 1 where that does not pay
    int64_t gathered         # samples that the gather buffer holds
    int n_outputs
    const Output *outputs
    # The buffers of a call stand in one block of scratch memory, each at an offset in bytes.
    int64_t at_frame         # a frame after the steps before the window
    int64_t at_buffer        # the windowed frame, with zeros up to n: what FFTW reads
    int64_t at_transformed   # what FFTW writes, and what else the transform needs
    int64_t at_spectra       # of all frames of the block, a tile or one row each ...
    int64_t frame_row        # ... of this many numbers
    int64_t at_energy        # one number per frame of the block
    int64_t at_tile          # the block with frames side by side, and a second one:
    int64_t at_tile_2        # banks read one and write the other
    int64_t at_gathered      # samples of frames that cannot be read where they are
    int64_t at_levels        # the same samples at lower rates; work of cepstra and reassignment
    int64_t at_spare         # for whoever needs a copy meanwhile: gather, pre-emphasis
    int64_t scratch_size
    bint has_tiles           # always true where an output needs them

# Where one output goes: element (row, frame) at data + row * row_stride + frame * frame_stride, in bytes.
# Frames count from the first one computed.
ctypedef struct Target:
    char *data
    int64_t row_stride
    int64_t frame_stride
    bint single              # elements are float32 although the arithmetic is float64


# Computes frames first .. first + count of a signal into one target for each output. `scratch` is of
# `scratch_size` bytes and nobody else's; it was zero when it was new.
cdef void run_frames(const Config *c, const Signal *signal, int64_t first, int64_t count,
                     const Target *targets, char *scratch) noexcept nogil

cdef inline bint _is_elementwise(int kind) noexcept nogil:
    return kind == ROOT or kind == EXPONENT or kind == LOG or kind == AFFINE

cdef inline bint _reads_only(int kind) noexcept nogil:
    return not _is_elementwise(kind) and kind != NORMALIZE and kind != EDGES and kind != CEPSTRUM

cdef inline void _describe(const sg_kernels *k, const Stage *stage, const char *tile, char *other,
                           int64_t lanes) noexcept nogil:
    """One number for each band of rows; its offset says which."""
    cdef int64_t i
    for i in range(stage.rows_out):
        k.describe[stage.bands[i].offset](
            tile + stage.bands[i].start * lanes * k.itemsize, lanes, stage.bands[i].length,
            NULL if stage.axis == NULL else stage.axis + stage.bands[i].start, stage.parameters[i],
            other + i * lanes * k.itemsize, lanes,
        )
