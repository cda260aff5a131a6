"""Configures the block loop.

An :class:`Engine` is built once per plan from numbers and arrays, checks nothing (plans do), and is
safe to use from any thread: what it shares is read-only, and each call borrows scratch memory of its own.

Building one means three things. Weights are converted to the working dtype and copied into aligned memory,
which the engine keeps; the stages become C structures that point there; and the scratch buffers get their
places in one block of memory. After that the engine is a `Config` with Python objects around it that keep its
pointers valid, and the loop in `block` needs the `Config` alone.
"""
from libc.string cimport memcpy, memset

import numpy as np

cimport numpy as cnp

from spectrograms._engine.loop.block cimport (
    AFFINE, BANK, CEPSTRUM, COMPLEX, DENSE, DESCRIBE, EDGES, ENERGY, EXPONENT, LOG, MAX_OUTPUTS, NORMALIZE,
    OCTAVES, PAIR_BANK, PAIR_POWER, POWER, REASSIGNED, RESONATORS, ROOT, SAMPLES, Config, Output, Stage,
    Target, run_frames,
)
from spectrograms._engine.loop.cost cimport estimated_cost
from spectrograms._engine.loop.frames cimport PAD_ODD, PAD_REFLECT, PAD_SYMMETRIC, Signal, count_frames
from spectrograms._engine.loop.octaves cimport OctaveTables, octave_buffers
from spectrograms._engine.loop.repeated cimport CepstrumTables, ReassignTables
from spectrograms._engine.loop.steps cimport set_steps
from spectrograms._engine.kernels.kernels cimport SG_F64, kernels_for, sg_band, sg_kernels
from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block
from spectrograms._engine.memory.scratch cimport ScratchPool
from spectrograms._engine.memory.sizes cimport round_up
from spectrograms._engine.results.result cimport C64, C128, F32, F64
from spectrograms._engine.fourier.rfft cimport FrameRfft

from spectrograms._engine.kernels.kernels import DESCRIPTORS as _DESCRIPTORS
from spectrograms._engine.loop.frames import PADDINGS as _PADDINGS

cnp.import_array()

# Gather at most this many samples beyond one frame at a time: enough to spread the cost of a call over many
# frames, and little enough for them to stay in the cache.
cdef int64_t GATHER = 1 << 15
# The spectra and the tile of a block should fit in the second-level cache together.
cdef int64_t BLOCK_BYTES = 1 << 19
# Frames that are not transformed are in the tile alone, and each row of a bank may read all of it: it leaves
# room in the cache for what else passes through.
cdef int64_t SAMPLES_BYTES = 1 << 17
# Where no stage needs a tile, it only serves unusual output layouts. Beyond this many bytes those are written
# without one.
cdef int64_t LARGEST_SPARE_TILE = 1 << 21


# pyi: _Spectrum = Literal["power", "complex", "reassigned", "samples", "energy"]
# pyi: _Energy = Literal["raw", "windowed"]
# pyi: _Output = tuple[_Spectrum, Sequence[tuple[Any, ...]]]
# pyi:
# pyi: class _Steps(TypedDict, total=False):
# pyi:     gain: float
# pyi:     dither: float
# pyi:     remove_mean: bool
# pyi:     remove_trend: bool
# pyi:     energy: _Energy
# pyi:     preemphasis: float

cdef dict _ONE_NUMBER = {"exponent": EXPONENT, "normalize": NORMALIZE, "edges": EDGES}
cdef dict _SPECTRA = {
    "power": POWER, "complex": COMPLEX, "reassigned": REASSIGNED, "samples": SAMPLES, "energy": ENERGY}


cdef class Engine:
    """One configuration of the block loop, for any number of calls and threads at once.

    Parameters
    ----------
    single : bool
        Arithmetic in float32, else in float64.
    n_fft, hop : int
        Length of the transform and step between frames.
    window : ndarray of float64, shape (frame,), or None
        None where frames are not windowed, as for ``"samples"``.
    window_at : int
        Where frame and window begin among the `n_fft` samples; zeros fill the rest.
    left : int
        Frame t starts at padded index ``t * hop - left``.
    padding : str
        What stands beside the signal: one of ``frames.PADDINGS``.
    reach : int
        How many samples on each side the padding fills; zeros beyond.
    lead : int
        Zeros that belong to the signal, before its first sample.
    signal_preemphasis : float
        Coefficient of the pre-emphasis of the whole signal, 0 for none.
    steps : dict
        What is done to each frame before the window, in this order: ``gain``, ``dither``, ``remove_mean``,
        ``remove_trend`` (the least-squares line), ``energy`` (``"raw"`` or ``"windowed"``: what an
        ``"energy"`` output sees), ``preemphasis``.
    outputs : sequence of (spectrum, stages)
        `spectrum` is what the stages start from: ``"power"`` or ``"complex"`` values of the bins, the raw
        ``"samples"`` of the frame, or one row with its ``"energy"``. ``("rows", first, end)`` writes these
        bins only, and stands alone. A complex spectrum allows no other output; of ``("real",)`` behind its
        rows real parts are written, and a ``("normalize", kind)`` may follow. These are all its stages.
        The other stages are tuples: ``("bank", starts, lengths, offsets, weights)``, ``("pair_bank", ...)``
        likewise where rows 2i and 2i + 1 have one start and length, ``("dense", weights[, first_row])``,
        ``("resonators", window, coefficients)``, ``("octaves", taps, levels)`` with the arguments of
        `octaves.OctaveTables`, first and of ``"samples"``, ``("pair_power",)``,
        ``("root", add[, floor])``, ``("exponent", p)``, ``("log", factor, add, floor)``, ``("affine", factor,
        add)``, ``("normalize", kind)``, ``("cepstrum", scale, squared)`` of the logarithms of all bins,
        ``("describe", which, axis, parameter[, starts, lengths])`` with the position of each row or None, of
        all rows or of bands. After a bank whose rows are real and imaginary parts in turn an output may
        end in ``("complex",)``, which makes one complex row of two. A ``"reassigned"`` output has one stage,
        ``("reassign", ...)`` with the arguments of `repeated.ReassignTables`.
    pad : int
        Samples that padding adds to a signal, both sides together, when frames are counted.
    short_frames : int
        Number of frames of a signal that is too short for one even with its padding.
    block : int, optional
        Frames of a block; chosen by size if 0. Results do not depend on it.
    effort : str
        How hard FFTW plans: one of ``fft.EFFORTS``.
    """

    def __cinit__(self, bint single, Py_ssize_t n_fft, Py_ssize_t hop, window, *, Py_ssize_t window_at=0,
                  Py_ssize_t left=0, str padding="zeros", reach=None, Py_ssize_t lead=0,
                  double signal_preemphasis=0.0, dict steps=None, outputs=(("power", ()),),
                  Py_ssize_t pad=0, Py_ssize_t short_frames=1, Py_ssize_t block=0, str effort="estimate"):
        # type: (window: NDArray[np.float64] | None, reach: int | None, steps: _Steps | None,
        # outputs: Sequence[_Output], effort: Literal["estimate", "measure", "patient"]) -> Self
        cdef Config *c = &self.config
        cdef const sg_kernels *k = kernels_for(single)
        self.single = single
        self._kept = []
        # The choice of a table of kernels is the only place where the two precisions part.
        c.kernels = k
        c.n = n_fft
        c.bins = n_fft // 2 + 1
        c.geometry.frame = n_fft if window is None else len(window)
        c.geometry.hop = hop
        c.geometry.left = left
        c.geometry.lead = lead
        # Enough for any frame that begins before the signal or ends after it.
        c.geometry.reach = max(left, n_fft) if reach is None else reach
        c.geometry.padding = _PADDINGS[padding]
        c.geometry.preemphasis = signal_preemphasis
        set_steps(&c.steps, steps)
        c.window_at = window_at
        self._pad = pad
        self._short_frames = short_frames
        self._back = left + window_at + lead
        self._ahead = n_fft - self._back
        self._prepare_outputs(outputs, effort)
        if c.spectrum != SAMPLES:
            self._rfft = FrameRfft(single, n_fft, effort)
            c.rfft = &self._rfft.plan
            # The transform expects its input times its gain; folded into the window, that costs nothing.
            c.window = self._keep(window * self._rfft.gain)
            c.energy_scale = 1.0 / self._rfft.gain ** 2
        c.group = 1 if c.spectrum in (SAMPLES, REASSIGNED) else self._rfft.group(c.spectrum == POWER)
        self._lay_out(block)
        # Zeros beside a short window stay zeros, and idle lanes of a tile start from something finite.
        self._pool = ScratchPool(c.scratch_size, zeroed=True)

    cdef const void *_keep(self, values):
        """Copy float64 values into aligned memory, in the working dtype; it lives as long as the engine."""
        cdef cnp.ndarray array = np.ascontiguousarray(values, np.float64)
        cdef Py_ssize_t count = cnp.PyArray_SIZE(array)
        cdef AlignedBlock block = new_block(max(1, count) * self.config.kernels.itemsize)
        self.config.kernels.convert[SG_F64](cnp.PyArray_BYTES(array), 8, block.ptr, count)
        self._kept.append(block)
        return block.ptr

    cdef const double *_keep_positions(self, axis, int64_t rows):
        """Copy the position of each row, which stays float64; NULL for None."""
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

    cdef const sg_band *_keep_bands(self, starts, lengths, offsets):
        cdef AlignedBlock block = new_block(max(1, len(starts)) * sizeof(sg_band))
        cdef sg_band *band = <sg_band *>block.ptr
        cdef Py_ssize_t i
        for i in range(len(starts)):
            band[i].start, band[i].length, band[i].offset = starts[i], lengths[i], offsets[i]
        self._kept.append(block)
        return band

    cdef _prepare_outputs(self, outputs, str effort):
        cdef Config *c = &self.config
        cdef AlignedBlock memory = new_block(len(outputs) * sizeof(Output))
        cdef Output *output = <Output *>memory.ptr
        cdef ReassignTables tables
        if len(outputs) > MAX_OUTPUTS:
            raise ValueError(f"at most {MAX_OUTPUTS} outputs of one pass, got {len(outputs)}")
        self._kept.append(memory)
        c.outputs = output
        c.n_outputs = len(outputs)
        c.spectrum = SAMPLES
        c.reassigned = NULL
        for spectrum, stages in outputs:
            memset(output, 0, sizeof(Output))
            output.spectrum = _SPECTRA[spectrum]
            output.bins = c.n if output.spectrum == SAMPLES else 1 if output.spectrum == ENERGY else c.bins
            if output.spectrum == REASSIGNED:
                (_, *arguments), = stages
                tables = ReassignTables(self.single, c.n, effort, *arguments)
                self._kept.append(tables)
                c.reassigned = &tables.plan
                output.bins *= 3
                stages = ()
            output.rows = output.bins
            if stages and stages[0][0] == "rows":
                stages = self._choose_rows(output, stages)
            if output.spectrum in (COMPLEX, REASSIGNED) and (stages and not output.real or len(outputs) > 1):
                raise ValueError(f"{spectrum} spectra take no stages and no other output")
            if output.spectrum in (POWER, COMPLEX, REASSIGNED):
                c.spectrum = output.spectrum
            if stages:
                self._prepare_stages(output, stages, effort)
            output += 1

    cdef _choose_rows(self, Output *output, stages):
        """Take the first stage, and the second if it wants real parts; return the others."""
        (_, first, end), *others = stages
        if output.spectrum == SAMPLES or not 0 <= first < end <= output.bins:
            raise ValueError(f"rows must be first < end of 0..{output.bins} bins, got {first}, {end}")
        output.first_row, output.rows = first, end - first
        if others:
            if output.spectrum != COMPLEX or [x for x, *_ in others] not in (["real"], ["real", "normalize"]):
                raise ValueError(f"rows stand alone, or before real and normalize, got {stages}")
            output.real, output.needs_tile, output.bins = True, True, output.rows
        return others[1:]

    cdef _prepare_stages(self, Output *output, stages, str effort):
        cdef AlignedBlock memory = new_block(max(1, len(stages)) * sizeof(Stage))
        cdef Stage *stage = <Stage *>memory.ptr
        cdef OctaveTables tables
        cdef CepstrumTables cepstra
        cdef int64_t rows = output.bins
        cdef Py_ssize_t i
        self._kept.append(memory)
        stages = list(stages)
        # Not a stage of the loop: it says how the last rows are written.
        if ("complex",) in stages:
            if self.config.n_outputs > 1 or stages.pop() != ("complex",):
                raise ValueError("complex rows come last and take no other output")
            output.pairs = True
        output.stages = stage
        output.n_stages = len(stages)
        # `rows` follows the number of rows from stage to stage.
        for i_stage, (name, *arguments) in enumerate(stages):
            memset(stage, 0, sizeof(Stage))
            stage.rows_in = rows
            if name == "bank" or name == "pair_bank":
                starts, lengths, offsets, weights = arguments
                stage.kind = BANK if name == "bank" else PAIR_BANK
                rows = len(starts)
                stage.bands = self._keep_bands(starts, lengths, offsets)
                for i in range(rows if stage.kind == PAIR_BANK else 0):
                    if rows % 2 or starts[i] != starts[i & ~1] or lengths[i] != lengths[i & ~1]:
                        raise ValueError("rows 2i and 2i + 1 of a pair_bank must have one start and length")
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
            elif name == "octaves":
                if i_stage > 0 or output.spectrum != SAMPLES:
                    raise ValueError("octaves must be the first stage, of samples")
                tables = OctaveTables(self.single, *arguments)
                self._kept.append(tables)
                stage.kind = OCTAVES
                stage.octaves = &tables.plan
                # The middle of the frame, from t * hop on.
                stage.first = self.config.n // 2 - self.config.geometry.left - self.config.window_at
                rows = tables.plan.rows
                output.bins = tables.plan.widest
                self._back = max(self._back, tables.plan.left - stage.first)
                self._ahead = max(self._ahead, tables.plan.span - tables.plan.left + stage.first)
            elif name == "pair_power":
                stage.kind = PAIR_POWER
                rows //= 2
            elif name == "describe":
                which, axis, parameters, *bands = arguments
                stage.kind = DESCRIBE
                stage.axis = self._keep_positions(axis, rows)
                starts, lengths = bands or ((0,), (rows,))
                rows = len(starts)
                names = [which] * rows if isinstance(which, str) else which
                stage.bands = self._keep_bands(starts, lengths, [_DESCRIPTORS[name] for name in names])
                stage.parameters = self._keep_positions(np.broadcast_to(parameters, rows), rows)
            elif name == "root":
                stage.kind = ROOT
                stage.a = arguments[0]
                stage.b = arguments[1] if len(arguments) > 1 else -np.inf
            elif name in _ONE_NUMBER:
                stage.kind, stage.a = _ONE_NUMBER[name], arguments[0]
            elif name == "log":
                stage.kind = LOG
                stage.a, stage.b, stage.c = arguments
            elif name == "affine":
                stage.kind = AFFINE
                stage.a, stage.b = arguments
            elif name == "cepstrum":
                cepstra = CepstrumTables(self.single, self.config.n, effort, *arguments)
                self._kept.append(cepstra)
                stage.kind = CEPSTRUM
                stage.cepstra = &cepstra.plan
                self._work = max(self._work, cepstra.plan.size)
            else:
                raise ValueError(f"unknown stage {name!r}")
            stage.rows_out = rows
            output.needs_tile = output.needs_tile or stage.kind in (
                BANK, PAIR_BANK, DENSE, RESONATORS, PAIR_POWER, NORMALIZE, EDGES, DESCRIBE
            )
            stage += 1
        output.rows = rows // 2 if output.pairs else rows

    cdef _lay_out(self, int64_t block):
        """Choose the block size, and give every scratch buffer its place.

        All places are multiples of 64 bytes. The order follows the way of a frame, which keeps buffers that
        are used together close together.
        """
        cdef Config *c = &self.config
        cdef int64_t size = c.kernels.itemsize
        cdef int64_t numbers = {COMPLEX: 2, REASSIGNED: 3}.get(c.spectrum, 1) * c.bins
        cdef int64_t widest = c.bins
        cdef int64_t at = 0
        cdef int64_t tile
        cdef bint needs_tile = c.n_outputs > 1
        cdef bint samples = False, octaves = False
        cdef int64_t least, limit
        cdef int64_t[3] sizes
        cdef int64_t[3] most = [0, 0, 0]
        cdef const Output *output
        cdef int j, s
        for j in range(c.n_outputs):
            output = &c.outputs[j]
            needs_tile = (
                needs_tile or output.needs_tile or output.spectrum == SAMPLES or output.spectrum == ENERGY
            )
            octaves = output.n_stages > 0 and output.stages[0].kind == OCTAVES
            samples = samples or output.spectrum == SAMPLES and not octaves
            widest = max(widest, 2 * output.rows if output.real else output.bins)
            for s in range(output.n_stages):
                widest = max(widest, output.stages[s].rows_out)
        # Kernels work on whole vectors of lanes.
        least = c.kernels.width if needs_tile or c.group > 1 else 4
        # A multiple of 16 numbers keeps rows aligned. Another 16 keep their distance off powers of two, where
        # the same bin of all frames would fall into one set of the cache.
        c.frame_row = 0 if c.spectrum == SAMPLES else round_up(numbers, 16) + 16
        # Halve the block until it fits in the cache. Longer frames make for smaller blocks.
        if block <= 0:
            block = 64
            limit = SAMPLES_BYTES if samples and c.spectrum == SAMPLES else BLOCK_BYTES
            while block > least and block * max(widest if octaves else numbers, c.n) * size > limit:
                block //= 2
        c.block = round_up(block, least)
        if samples:
            # Frames further apart than they are long are gathered side by side, without what is between.
            c.gathered = c.n + (c.block - 1) * min(c.geometry.hop, c.n)
        else:
            c.gathered = c.geometry.frame + min(GATHER, (c.block - 1) * c.geometry.hop)
        for j in range(c.n_outputs):
            output = &c.outputs[j]
            if output.n_stages > 0 and output.stages[0].kind == OCTAVES:
                octave_buffers(output.stages[0].octaves, c.geometry.hop, c.block, sizes)
                for s in range(3):
                    most[s] = max(most[s], sizes[s])

        c.at_frame = at
        at += round_up(c.geometry.frame * size, 64)
        c.at_buffer = at
        # The combined form of the transform writes one vector beyond the frame.
        at += round_up((c.n + c.kernels.width) * size, 64)
        c.at_transformed = at
        if c.rfft != NULL:
            at += c.rfft.scratch if c.group == 1 else c.rfft.group_scratch
        c.at_spectra = at
        at += c.block * c.frame_row * size
        c.at_energy = at
        at += round_up(c.block * size, 64)
        c.at_gathered = at
        at += round_up(max(c.gathered, most[0]) * size, 64)
        c.at_levels = at
        if c.reassigned != NULL:
            self._work = 3 * c.reassigned.row * size
        at += round_up(max(most[1] * size, self._work), 64)
        c.at_spare = at
        at += round_up(max(c.gathered, c.geometry.frame, most[2]) * size, 64)
        # A tile holds the rows of any stage. Transposed for time-major output, its rows are padded to 16.
        tile = round_up(widest, 16) * c.block * size
        self._frame_cost = estimated_cost(c, self.single)
        c.has_tiles = needs_tile or tile <= LARGEST_SPARE_TILE
        c.at_tile = at
        c.at_tile_2 = at + tile
        c.scratch_size = at + 2 * tile if c.has_tiles else at

    @property
    def rows(self):  # type: () -> int
        """Rows of the first output: bins, bands or coefficients."""
        return self.config.outputs[0].rows

    def row_counts(self):  # type: () -> list[int]
        """Rows of every output."""
        return [self.config.outputs[j].rows for j in range(self.config.n_outputs)]

    @property
    def hop(self):  # type: () -> int
        """Samples from one frame to the next."""
        return self.config.geometry.hop

    @property
    def latency(self):  # type: () -> int
        """Samples from t * hop on that must be known before frame t can be computed."""
        return self._ahead

    @property
    def back(self):  # type: () -> int
        """Samples that frame t reaches back before t * hop."""
        return self._back

    @property
    def reach(self):  # type: () -> int
        """How many samples at each end of the signal the padding may copy."""
        return self.config.geometry.reach

    @property
    def mirrors(self):  # type: () -> bool
        """Whether the padding before the signal is made from samples after its start."""
        return self.config.geometry.padding in (PAD_REFLECT, PAD_SYMMETRIC, PAD_ODD)

    @property
    def block(self):  # type: () -> int
        """Frames of a block."""
        return self.config.block

    @property
    def scratch(self):  # type: () -> int
        """Bytes of scratch memory that one call in flight needs."""
        return self.config.scratch_size

    cdef AlignedBlock borrow(self):
        """Scratch memory for one call or thread; to be given back."""
        return self._pool.borrow()

    cdef give_back(self, AlignedBlock memory):
        self._pool.give_back(memory)

    cdef void run(self, const Signal *signal, int64_t first, int64_t count, const Target *target) except *:
        """Compute frames first .. first + count of a signal into `target`, without the GIL."""
        cdef AlignedBlock memory = self.borrow()
        cdef char *scratch = <char *>memory.ptr
        with nogil:
            run_frames(&self.config, signal, first, count, target, scratch)
        self.give_back(memory)

    cpdef int64_t frame_count(self, int64_t n_samples):  # type: () -> int
        """Number of frames of a signal of that length."""
        return count_frames(n_samples, self.config.n, self.config.geometry.hop, self._pad, self._short_frames)

    cdef double frame_cost(self) noexcept:
        """Rough nanoseconds of work per frame. Decides how work is divided, never what it computes."""
        return self._frame_cost

    cdef void aim(self, Target *target, char *data, int64_t count) noexcept:
        """Point a target at a contiguous (rows, count) block."""
        target.data = data
        target.frame_stride = self.element()
        target.row_stride = count * target.frame_stride
        target.single = False

    cdef bint _is_complex(self) noexcept:
        cdef const Output *output = &self.config.outputs[0]
        return self.config.spectrum == COMPLEX and not output.real or output.pairs

    cdef int type_code(self) noexcept:
        """Element type of results."""
        if self._is_complex():
            return C64 if self.single else C128
        return F32 if self.single else F64

    cdef int64_t element(self) noexcept:
        """Bytes of one number of the output."""
        return self.config.kernels.itemsize * (2 if self._is_complex() else 1)
