"""Configures the block loop.

An :class:`Engine` is built once per plan from numbers and arrays, checks nothing (plans do), and is
safe to use from any thread: all it shares is read-only, and each call borrows an arena of its own.
"""
from libc.math cimport log2
from libc.string cimport memcpy, memset

import numpy as np

cimport numpy as cnp

from spectrograms._engine.loop.block cimport (
    AFFINE, BANK, COMPLEX, DENSE, DESCRIBE, ENERGY, EXPONENT, LOG, MAX_HEADS, NORMALIZE, NO_ENERGY,
    PAIR_POWER, POWER, RAW_ENERGY, RESONATORS, ROOT, SAMPLES, WINDOWED_ENERGY, Config, Head, Stage, Target,
    run_frames,
)
from spectrograms._engine.loop.frames cimport PAD_ODD, PAD_REFLECT, PAD_SYMMETRIC, Signal, count_frames
from spectrograms._engine.kernels.kernels cimport (
    SG_BANDWIDTH, SG_CENTROID, SG_CROSSINGS, SG_F64, SG_FLATNESS, SG_RMS, SG_ROLLOFF, kernels_for, sg_band,
    sg_kernels,
)
from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block
from spectrograms._engine.memory.sizes cimport round_up
from spectrograms._engine.results.result cimport C64, C128, F32, F64
from spectrograms._engine.fourier.rfft cimport FrameRfft

from spectrograms._engine.loop.frames import PADDINGS

cnp.import_array()

# Gather at most this many samples at a time beyond one frame.
cdef int64_t GATHER = 1 << 15
# A block's spectra and its tile should stay in the second-level cache together.
cdef int64_t BLOCK_BYTES = 1 << 19
# Tiles only serve odd output layouts where no stage needs them: not worth their memory beyond this.
cdef int64_t LARGEST_SPARE_TILE = 1 << 21
cdef Py_ssize_t IDLE_ARENAS = 8
cdef int64_t LARGEST_IDLE_ARENA = 1 << 23


cdef dict _DESCRIPTORS = {
    "centroid": SG_CENTROID, "bandwidth": SG_BANDWIDTH, "rolloff": SG_ROLLOFF, "flatness": SG_FLATNESS,
    "rms": SG_RMS, "crossings": SG_CROSSINGS,
}
cdef dict _SPECTRA = {"power": POWER, "complex": COMPLEX, "samples": SAMPLES, "energy": ENERGY}
cdef dict _ENERGIES = {None: NO_ENERGY, "raw": RAW_ENERGY, "windowed": WINDOWED_ENERGY}


cdef class Engine:
    """One configuration of the block loop, shared by every call and thread that needs it.

    Parameters
    ----------
    single : bool
        Arithmetic in float32, else in float64.
    n_fft, hop : int
        Length of the transform and step between frames.
    window : ndarray of float64, shape (frame,), or None
        None where frames are not windowed (``spectrum="samples"``).
    window_at : int
        Where frame and window stand among the `n_fft` samples; zeros fill the rest.
    left : int
        Frame t starts at padded index ``t * hop - left``.
    padding : str
        One of ``frames.PADDINGS``: what stands beside the signal.
    reach : int
        How many samples on each side the padding fills; zeros beyond.
    lead : int
        Zeros that belong to the signal, before its first sample.
    signal_preemphasis : float
        Coefficient of the pre-emphasis of the whole signal, 0 for none.
    steps : dict
        Per-frame steps, in this order: ``gain``, ``dither``, ``remove_mean``, ``remove_trend`` (the
        least-squares line), ``energy`` (``"raw"`` or ``"windowed"``: what an ``"energy"`` head sees),
        ``preemphasis``.
    heads : sequence of (spectrum, stages)
        One for each output. `spectrum` is what the stages start from: ``"power"`` or ``"complex"`` of the
        bins, the raw ``"samples"`` of the frame, or one row with its ``"energy"``. Complex spectra take no
        stages and no other head, but ``("rows", first, end)``, which stands alone and writes these bins only.
        Stages are tuples: ``("bank", starts, lengths, offsets, weights)``,
        ``("dense", weights[, first_row])``, ``("resonators", window, coefficients)``, ``("pair_power",)``,
        ``("root", add[, floor])``, ``("exponent", p)``, ``("log", factor, add, floor)``,
        ``("affine", factor, add)``, ``("normalize", kind)``, ``("describe", which, axis, parameter)`` with
        the position of each row or None. After banks whose rows are real and imaginary parts in turn the
        only head may end in ``("complex",)``, which makes one complex row of two.
    pad : int
        Samples added to a signal in all where frames are counted.
    short_frames : int
        Frames of a signal that is too short for one even so.
    block : int, optional
        Frames of a block; results do not depend on it.
    effort : str
        How hard FFTW plans: one of ``fft.EFFORTS``.
    """

    def __cinit__(self, bint single, Py_ssize_t n_fft, Py_ssize_t hop, window, *, Py_ssize_t window_at=0,
                  Py_ssize_t left=0, str padding="zeros", reach=None, Py_ssize_t lead=0,
                  double signal_preemphasis=0.0, dict steps=None, heads=(("power", ()),),
                  Py_ssize_t pad=0, Py_ssize_t short_frames=1, Py_ssize_t block=0, str effort="estimate"):
        cdef Config *c = &self.config
        cdef const sg_kernels *k = kernels_for(single)
        self.single = single
        self._kept = []
        self._idle = []
        c.kernels = k
        c.n = n_fft
        c.bins = n_fft // 2 + 1
        c.geometry.frame = n_fft if window is None else len(window)
        c.geometry.hop = hop
        c.geometry.left = left
        c.geometry.lead = lead
        c.geometry.reach = max(left, n_fft) if reach is None else reach
        c.geometry.padding = PADDINGS[padding]
        c.geometry.preemphasis = signal_preemphasis
        steps = steps or {}
        c.steps.any = bool(steps)
        c.steps.gain = steps.get("gain", 1.0)
        c.steps.dither = steps.get("dither", 0.0)
        c.steps.remove_trend = steps.get("remove_trend", False)
        c.steps.remove_mean = steps.get("remove_mean", False) or c.steps.remove_trend
        c.steps.energy = _ENERGIES[steps.get("energy")]
        c.steps.preemphasis = steps.get("preemphasis", 0.0)
        c.steps.short = (
            c.steps.preemphasis != 0 and c.steps.dither == 0 and not c.steps.remove_trend
            and c.steps.energy != RAW_ENERGY
        )
        c.window_at = window_at
        self._pad = pad
        self._short_frames = short_frames
        self._prepare_heads(heads)
        if c.spectrum != SAMPLES:
            self._rfft = FrameRfft(single, n_fft, effort)
            c.rfft = &self._rfft.plan
            c.window = self._keep(window * self._rfft.gain)
            c.energy_scale = 1.0 / self._rfft.gain ** 2
        self._lay_out(block)

    cdef const void *_keep(self, values):
        """Copy float64 values into aligned memory of the working dtype that lives as long as self."""
        cdef cnp.ndarray array = np.ascontiguousarray(values, np.float64)
        cdef Py_ssize_t count = cnp.PyArray_SIZE(array)
        cdef AlignedBlock block = new_block(max(1, count) * self.config.kernels.itemsize)
        self.config.kernels.convert[SG_F64](cnp.PyArray_BYTES(array), 8, block.ptr, count)
        self._kept.append(block)
        return block.ptr

    cdef const double *_keep_positions(self, axis, int64_t rows):
        """The same for one float64 for each row, or none."""
        cdef AlignedBlock block
        cdef cnp.ndarray values
        if axis is None:
            return NULL
        values = np.ascontiguousarray(axis, np.float64)
        if len(values) != rows:
            raise ValueError(f"axis must have a position for each of {rows} rows, got {len(values)}")
        block = new_block(rows * sizeof(double))
        memcpy(block.ptr, cnp.PyArray_DATA(values), rows * sizeof(double))
        self._kept.append(block)
        return <const double *>block.ptr

    cdef _prepare_heads(self, heads):
        cdef Config *c = &self.config
        cdef AlignedBlock memory = new_block(len(heads) * sizeof(Head))
        cdef Head *head = <Head *>memory.ptr
        if len(heads) > MAX_HEADS:
            raise ValueError(f"at most {MAX_HEADS} outputs of one pass, got {len(heads)}")
        self._kept.append(memory)
        c.heads = head
        c.n_heads = len(heads)
        c.spectrum = SAMPLES
        for spectrum, stages in heads:
            memset(head, 0, sizeof(Head))
            head.spectrum = _SPECTRA[spectrum]
            head.bins = c.n if head.spectrum == SAMPLES else 1 if head.spectrum == ENERGY else c.bins
            head.rows = head.bins
            if len(stages) == 1 and stages[0][0] == "rows":
                self._choose_rows(head, stages[0][1], stages[0][2])
                stages = ()
            if head.spectrum == COMPLEX and (stages or len(heads) > 1):
                raise ValueError("complex spectra take no stages and no other head")
            if head.spectrum == POWER or head.spectrum == COMPLEX:
                c.spectrum = head.spectrum
            if stages:
                self._prepare_stages(head, stages)
            head += 1

    cdef _choose_rows(self, Head *head, int64_t first, int64_t end):
        if head.spectrum == SAMPLES or not 0 <= first < end <= head.bins:
            raise ValueError(f"rows must be first < end of 0..{head.bins} bins, got {first}, {end}")
        head.first_row = first
        head.rows = end - first

    cdef _prepare_stages(self, Head *head, stages):
        cdef AlignedBlock memory = new_block(max(1, len(stages)) * sizeof(Stage))
        cdef Stage *stage = <Stage *>memory.ptr
        cdef AlignedBlock bands
        cdef sg_band *band
        cdef int64_t rows = head.bins
        cdef Py_ssize_t i
        self._kept.append(memory)
        stages = list(stages)
        if ("complex",) in stages:
            if self.config.n_heads > 1 or stages.pop() != ("complex",):
                raise ValueError("complex rows come last and take no other head")
            head.pairs = True
        head.stages = stage
        head.n_stages = len(stages)
        for name, *arguments in stages:
            memset(stage, 0, sizeof(Stage))
            stage.rows_in = rows
            if name == "bank":
                starts, lengths, offsets, weights = arguments
                stage.kind = BANK
                rows = len(starts)
                bands = new_block(max(1, rows) * sizeof(sg_band))
                band = <sg_band *>bands.ptr
                for i in range(rows):
                    band[i].start = starts[i]
                    band[i].length = lengths[i]
                    band[i].offset = offsets[i]
                self._kept.append(bands)
                stage.bands = band
                stage.weights = self._keep(weights)
            elif name == "dense":
                weights = arguments[0]
                stage.kind = DENSE
                stage.first = arguments[1] if len(arguments) > 1 else 0
                rows = weights.shape[0]
                stage.rows_in = weights.shape[1]
                stage.weights = self._keep(weights)
            elif name == "resonators":
                window, coefficients = arguments
                stage.kind = RESONATORS
                rows = len(coefficients)
                stage.window = self._keep(window)
                stage.weights = self._keep(coefficients)
            elif name == "pair_power":
                stage.kind = PAIR_POWER
                rows //= 2
            elif name == "describe":
                which, axis, stage.a = arguments
                stage.kind = DESCRIBE
                stage.which = _DESCRIPTORS[which]
                stage.axis = self._keep_positions(axis, rows)
                rows = 1
            elif name == "root":
                stage.kind = ROOT
                stage.a = arguments[0]
                stage.b = arguments[1] if len(arguments) > 1 else -np.inf
            elif name == "exponent":
                stage.kind = EXPONENT
                stage.a = arguments[0]
            elif name == "log":
                stage.kind = LOG
                stage.a, stage.b, stage.c = arguments
            elif name == "affine":
                stage.kind = AFFINE
                stage.a, stage.b = arguments
            elif name == "normalize":
                stage.kind = NORMALIZE
                stage.a = arguments[0]
            else:
                raise ValueError(f"unknown stage {name!r}")
            stage.rows_out = rows
            head.turns = head.turns or stage.kind in (
                BANK, DENSE, RESONATORS, PAIR_POWER, NORMALIZE, DESCRIBE
            )
            stage += 1
        head.rows = rows // 2 if head.pairs else rows

    cdef _lay_out(self, int64_t block):
        """Place the scratch buffers in the arena."""
        cdef Config *c = &self.config
        cdef int64_t size = c.kernels.itemsize
        cdef int64_t numbers = 2 * c.bins if c.spectrum == COMPLEX else c.bins
        cdef int64_t widest = c.bins
        cdef int64_t at = 0
        cdef int64_t tile
        cdef bint turns = c.n_heads > 1
        cdef bint samples = False
        cdef int64_t least
        cdef const Head *head
        cdef int h, s
        for h in range(c.n_heads):
            head = &c.heads[h]
            turns = turns or head.turns or head.spectrum == SAMPLES or head.spectrum == ENERGY
            samples = samples or head.spectrum == SAMPLES
            widest = max(widest, head.bins)
            for s in range(head.n_stages):
                widest = max(widest, head.stages[s].rows_out)
        least = c.kernels.width if turns else 4
        # A multiple of 16 keeps rows aligned, 16 more keeps them off powers of two.
        c.frame_row = 0 if c.spectrum == SAMPLES else round_up(numbers, 16) + 16
        if block <= 0:
            block = 64
            while block > least and block * max(numbers, c.n) * size > BLOCK_BYTES:
                block //= 2
        c.block = round_up(block, least)
        if samples:
            # Frames further apart than they are long stand side by side.
            c.gathered = c.n + (c.block - 1) * min(c.geometry.hop, c.n)
        else:
            c.gathered = c.geometry.frame + min(GATHER, (c.block - 1) * c.geometry.hop)

        c.at_frame = at
        at += round_up(c.geometry.frame * size, 64)
        c.at_buffer = at
        at += round_up((c.n + c.kernels.width) * size, 64)
        c.at_transformed = at
        if c.rfft != NULL:
            at += c.rfft.scratch
        c.at_spectra = at
        at += c.block * c.frame_row * size
        c.at_energy = at
        at += round_up(c.block * size, 64)
        c.at_gathered = at
        at += round_up(c.gathered * size, 64)
        c.at_scratch = at
        at += round_up(max(c.gathered, c.geometry.frame) * size, 64)
        # Tiles hold any stage's rows; a turned one has its rows padded to 16.
        tile = round_up(widest, 16) * c.block * size
        self._frame_cost = self._estimate()
        c.has_tiles = turns or tile <= LARGEST_SPARE_TILE
        c.at_tile = at
        c.at_tile_2 = at + tile
        c.arena_size = at + 2 * tile if c.has_tiles else at

    cdef double _estimate(self):
        """Nanoseconds per frame: measured figures of a current machine, good to a factor of two."""
        cdef Config *c = &self.config
        cdef double scale = 1.0 if self.single else 2.0
        cdef double cost = 30.0
        cdef const Head *head
        cdef const Stage *stage
        cdef int64_t b
        cdef int h, s
        if c.spectrum != SAMPLES:
            cost += scale * c.n * (0.2 + 0.05 * log2(<double>c.n))
        for h in range(c.n_heads):
            head = &c.heads[h]
            cost += scale * 0.1 * (head.bins + head.rows)
            for s in range(head.n_stages):
                stage = &head.stages[s]
                if stage.kind == DENSE:
                    cost += scale * 0.03 * stage.rows_in * stage.rows_out
                elif stage.kind == BANK:
                    for b in range(stage.rows_out):
                        cost += scale * 0.05 * stage.bands[b].length
                elif stage.kind == RESONATORS:
                    cost += scale * 0.4 * stage.rows_in * stage.rows_out
                else:
                    cost += scale * 0.25 * stage.rows_in
        return cost

    @property
    def rows(self):
        """Rows of the first output: bins, bands or coefficients."""
        return self.config.heads[0].rows

    def row_counts(self):
        """Rows of every output."""
        return [self.config.heads[h].rows for h in range(self.config.n_heads)]

    @property
    def hop(self):
        """Samples from one frame to the next."""
        return self.config.geometry.hop

    @property
    def latency(self):
        """Samples from t * hop on that must be there for frame t to be computed."""
        return self.config.n - self.back

    @property
    def back(self):
        """Samples that frame t reaches back before t * hop."""
        return self.config.geometry.left + self.config.window_at + self.config.geometry.lead

    @property
    def reach(self):
        """Samples on each side of the signal that the padding may be made of."""
        return self.config.geometry.reach

    @property
    def mirrors(self):
        """Whether the padding before the signal is made of samples further on."""
        return self.config.geometry.padding in (PAD_REFLECT, PAD_SYMMETRIC, PAD_ODD)

    @property
    def block(self):
        """Frames of a block."""
        return self.config.block

    @property
    def scratch(self):
        """Bytes of scratch memory that one call in flight needs."""
        return self.config.arena_size

    cdef AlignedBlock borrow(self):
        cdef AlignedBlock arena
        try:
            return self._idle.pop()
        except IndexError:
            arena = new_block(self.config.arena_size)
            # Zeros beside a short window stay zeros; idle lanes start from something finite.
            memset(arena.ptr, 0, self.config.arena_size)
            return arena

    cdef give_back(self, AlignedBlock arena):
        if len(self._idle) < IDLE_ARENAS and arena.nbytes <= <size_t>LARGEST_IDLE_ARENA:
            self._idle.append(arena)

    cdef void run(self, const Signal *signal, int64_t first, int64_t count, const Target *target) except *:
        """Compute frames first .. first + count of a signal into `target`, without the GIL."""
        cdef AlignedBlock arena = self.borrow()
        cdef char *scratch = <char *>arena.ptr
        with nogil:
            run_frames(&self.config, signal, first, count, target, scratch)
        self.give_back(arena)

    cpdef int64_t frame_count(self, int64_t n_samples):
        """Number of frames of a signal of that length."""
        return count_frames(n_samples, self.config.n, self.config.geometry.hop, self._pad, self._short_frames)

    cdef double frame_cost(self) noexcept:
        """Rough nanoseconds of work per frame; decides how work is cut, never what it gives."""
        return self._frame_cost

    cdef void aim(self, Target *target, char *data, int64_t count) noexcept:
        """Point a target at a contiguous (rows, count) block."""
        target.data = data
        target.frame_stride = self.element()
        target.row_stride = count * target.frame_stride
        target.single = False

    cdef bint _is_complex(self) noexcept:
        return self.config.spectrum == COMPLEX or self.config.heads[0].pairs

    cdef int type_code(self) noexcept:
        """Element type of results."""
        if self._is_complex():
            return C64 if self.single else C128
        return F32 if self.single else F64

    cdef int64_t element(self) noexcept:
        """Bytes of one number of the output."""
        return self.config.kernels.itemsize * (2 if self._is_complex() else 1)
