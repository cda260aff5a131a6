"""The one loop: gather -> steps -> window -> FFT -> split -> stages -> output, block by block.

``engine/__init__.py`` draws it. Everything a value depends on is fixed in `Config`; the position of a
frame in its block, the size of blocks and the thread that computes it are not among it.
"""
from libc.string cimport memcpy

from spectrograms._engine.arrays.noise cimport gaussian
from spectrograms._engine.loop.frames cimport gather, is_native
from spectrograms._engine.kernels.kernels cimport SG_F64, kernels_for
from spectrograms._engine.memory.sizes cimport round_up
from spectrograms._engine.fourier.rfft cimport rfft_frame

# Bytes between a frame and the samples that are asked for meanwhile: memory is that far away.
cdef int64_t AHEAD = 2048
# Bytes of an output that no second-level cache holds.
cdef int64_t LARGE_OUTPUT = 1 << 20


cdef inline double _get(const char *x, int64_t i, ptrdiff_t size) noexcept nogil:
    return (<const float *>x)[i] if size == 4 else (<const double *>x)[i]


cdef inline void _set(char *x, int64_t i, ptrdiff_t size, double value) noexcept nogil:
    if size == 4:
        (<float *>x)[i] = <float>value
    else:
        (<double *>x)[i] = value


cdef void _add_noise(char *x, int64_t n, ptrdiff_t size, double scale, int64_t first) noexcept nogil:
    cdef int64_t i
    for i in range(n):
        _set(x, i, size, _get(x, i, size) + scale * gaussian(first + i))


cdef void _remove_trend(char *x, int64_t n, ptrdiff_t size) noexcept nogil:
    """Subtract the least-squares line through n values of mean zero."""
    cdef double middle = (n - 1) * 0.5
    cdef double slope = 0
    cdef int64_t i
    if n < 2:
        return
    for i in range(n):
        slope += (i - middle) * _get(x, i, size)
    slope *= 12.0 / (<double>n * (<double>n * n - 1))
    for i in range(n):
        _set(x, i, size, _get(x, i, size) - slope * (i - middle))


cdef const char *_frame_steps(const Config *c, const char *x, int64_t frame_index, double *energy,
                              char *arena) noexcept nogil:
    """Apply the steps before the window to the frame at x; return where the result stands."""
    cdef const sg_kernels *k = c.kernels
    cdef int64_t n = c.geometry.frame
    cdef char *frame = arena + c.at_frame
    cdef char *other = arena + c.at_scratch
    cdef double gain = c.steps.gain
    cdef double mean = 0
    if c.steps.dither != 0:
        k.affine(x, frame, n, gain, 0)
        _add_noise(frame, n, k.itemsize, c.steps.dither, frame_index * n)
        x = frame
        gain = 1
    if c.steps.remove_mean:
        mean = k.sum(x, n) / n
    k.affine(x, frame, n, gain, -mean * gain)
    if c.steps.remove_trend:
        _remove_trend(frame, n, k.itemsize)
    if c.steps.energy == RAW_ENERGY:
        energy[0] = k.sum_squares(frame, n)
    if c.steps.preemphasis == 0:
        return frame
    k.preemphasis(frame, other, n, c.steps.preemphasis, _get(frame, 0, k.itemsize))
    return other


cdef inline void _ask_for_lines(const sg_kernels *k, int64_t rows, const Target *target, int64_t done,
                                int64_t count, int64_t element, int64_t share) noexcept nogil:
    """Prefetch one of 2 * count shares of the output lines of a block, so that they are there at its end."""
    cdef int64_t first = rows * share // (2 * count)
    cdef int64_t end = rows * (share + 1) // (2 * count)
    k.prefetch_write(target.data + first * target.row_stride + done * element, target.row_stride, end - first,
                     count * element)


cdef void _spectra(const Config *c, const Signal *signal, int64_t first, int64_t count,
                   const Target *target, int64_t done, char *arena) noexcept nogil:
    """Transform `count` frames into the rows of the spectra buffer."""
    cdef const sg_kernels *k = c.kernels
    cdef const Geometry *g = &c.geometry
    cdef ptrdiff_t size = k.itemsize
    cdef char *buffer = arena + c.at_buffer
    cdef char *transformed = arena + c.at_transformed
    cdef char *spectra = arena + c.at_spectra
    cdef char *energies = arena + c.at_energy
    cdef char *gathered = arena + c.at_gathered
    cdef double energy = 0
    cdef double mean
    cdef const char *x
    cdef const char *ahead
    cdef char *row
    # Padded indices that can be read where they are: none unless the signal is a contiguous array of
    # the working dtype.
    cdef bint direct = is_native(signal.type, signal.stride, size) and g.preemphasis == 0
    cdef int64_t low = g.lead + signal.origin
    cdef int64_t high = low + signal.available
    cdef int64_t held = 0
    cdef int64_t held_end = 0
    # New samples of a frame, which are asked for early; those between frames are not wanted.
    cdef int64_t fresh = min(g.hop, g.frame)
    cdef int64_t b, start, frames
    cdef int64_t element = 2 * size if c.spectrum == COMPLEX else size
    cdef const Head *head = &c.heads[0]
    # Whether to ask for the output lines of this block, where each row is contiguous over the frames.
    # After stages that turn the block it pays only where the output is too large to be in the cache already.
    cdef bint prefetch = c.n_heads == 1 and target.frame_stride == element and (
        not head.turns or head.rows * target.row_stride > LARGE_OUTPUT
    )

    for b in range(count):
        start = (first + b) * g.hop - g.left
        if direct and start >= low and start + g.frame <= high:
            x = signal.data + (start - low) * size
            ahead = x + g.frame * size + AHEAD if start + g.frame + g.hop + AHEAD // size <= high else x
        else:
            if start < held or start + g.frame > held_end:
                frames = min(count - b, 1 + (c.gathered - g.frame) // g.hop)
                if direct and start < low:
                    # Leave the frames inside the signal to the direct path.
                    frames = min(frames, (low - start + g.hop - 1) // g.hop)
                held = start
                held_end = start + g.frame + (frames - 1) * g.hop
                gather(k, g, signal, held, held_end - held, gathered, arena + c.at_scratch)
            x = gathered + (start - held) * size
            ahead = x
        if c.steps.short:
            # All that most recipes ask for, in two passes instead of four.
            mean = k.sum(x, g.frame) / g.frame if c.steps.remove_mean else 0
            k.emphasize(x, c.window, buffer + c.window_at * size, g.frame, ahead, fresh, c.steps.gain,
                        -mean * c.steps.gain, c.steps.preemphasis)
        else:
            if c.steps.any:
                x = _frame_steps(c, x, first + b, &energy, arena)
            k.window(x, c.window, buffer + c.window_at * size, g.frame, ahead, fresh)
        if c.steps.energy != NO_ENERGY:
            if c.steps.energy == WINDOWED_ENERGY:
                energy = c.energy_scale * k.sum_squares(buffer + c.window_at * size, g.frame)
            _set(energies, b, size, energy)
        row = spectra + b * c.frame_row * size
        # Half of them before and half after the transform: a core waits for few lines at a time.
        if prefetch:
            _ask_for_lines(k, head.rows, target, done, count, element, 2 * b)
        rfft_frame(c.rfft, buffer, row, transformed, c.spectrum == POWER, g.frame < c.n)
        if prefetch:
            _ask_for_lines(k, head.rows, target, done, count, element, 2 * b + 1)


cdef void _samples_tile(const Config *c, const Signal *signal, int64_t first, int64_t count, char *arena,
                        char *tile) noexcept nogil:
    """The raw frames as a tile, one row for each of their n samples."""
    cdef const sg_kernels *k = c.kernels
    cdef const Geometry *g = &c.geometry
    cdef int64_t start = first * g.hop - g.left - c.window_at
    cdef int64_t span = (count - 1) * g.hop + c.n
    cdef int64_t low = g.lead + signal.origin
    cdef ptrdiff_t size = k.itemsize
    # Frames overlap: row t of the source is the same memory, hop further on.
    cdef int64_t step = g.hop
    cdef const char *x = arena + c.at_gathered
    cdef int64_t b
    if (is_native(signal.type, signal.stride, size) and g.preemphasis == 0
            and start >= low and start + span <= low + signal.available):
        x = signal.data + (start - low) * size
    elif step <= c.n:
        gather(k, g, signal, start, span, arena + c.at_gathered, arena + c.at_scratch)
    else:
        step = c.n
        for b in range(count):
            gather(k, g, signal, start + b * g.hop, step, arena + c.at_gathered + b * step * size,
                   arena + c.at_scratch)
    k.transpose(x, step, tile, c.block, count, c.n)


cdef void _resonators(const Config *c, const Stage *stage, char *tile, char *other,
                      int64_t lanes) noexcept nogil:
    """Window the rows of a tile, which are samples, and take the energy that each resonator lets through."""
    cdef const sg_kernels *k = c.kernels
    cdef ptrdiff_t size = k.itemsize
    cdef int64_t i
    cdef double w
    for i in range(stage.rows_in):
        w = (<const float *>stage.window)[i] if size == 4 else (<const double *>stage.window)[i]
        k.affine(tile + i * c.block * size, tile + i * c.block * size, lanes, w, 0)
    k.resonators(tile, c.block, stage.rows_in, stage.weights, stage.rows_out, other, c.block, lanes)


cdef inline void _in_place(const Config *c, const Stage *stage, char *a, int64_t n) noexcept nogil:
    cdef const sg_kernels *k = c.kernels
    if stage.kind == ROOT:
        k.root(a, n, stage.a, stage.b)
    elif stage.kind == EXPONENT:
        k.power(a, n, stage.a)
    elif stage.kind == LOG:
        k.log(a, n, stage.a, stage.b, stage.c)
    elif stage.kind == AFFINE:
        k.affine(a, a, n, stage.a, stage.b)


cdef inline bint _is_elementwise(int kind) noexcept nogil:
    return kind == ROOT or kind == EXPONENT or kind == LOG or kind == AFFINE


cdef void _put_row(const char *source, bint cast, ptrdiff_t size, char *target, int64_t stride,
                   int64_t count) noexcept nogil:
    """Write `count` consecutive elements `stride` bytes apart, casting float64 to float32 if asked."""
    cdef int64_t i
    cdef float f
    if cast:
        if stride == 4:
            kernels_for(True).convert[SG_F64](source, 8, target, count)
        else:
            for i in range(count):
                f = <float>(<const double *>source)[i]
                memcpy(target + i * stride, &f, 4)
    elif stride == size:
        memcpy(target, source, count * size)
    else:
        for i in range(count):
            memcpy(target + i * stride, source + i * size, size)


cdef void _put_tile(const Config *c, const char *tile, int64_t rows, int64_t count, const Target *target,
                    int64_t done, char *spare) noexcept nogil:
    """Write rows x count of a tile. `spare` is another tile, free to use."""
    cdef const sg_kernels *k = c.kernels
    cdef ptrdiff_t size = k.itemsize
    cdef char *data = target.data + done * target.frame_stride
    cdef int64_t i
    if target.row_stride == (4 if target.single else size):
        # Rows of one frame stand together: turn the tile first.
        k.transpose(tile, c.block, spare, round_up(rows, 16), rows, count)
        for i in range(count):
            _put_row(spare + i * round_up(rows, 16) * size, target.single, size,
                     data + i * target.frame_stride, target.row_stride, rows)
        return
    for i in range(rows):
        _put_row(tile + i * c.block * size, target.single, size, data + i * target.row_stride,
                 target.frame_stride, count)


cdef void _put_complex_single(const char *source, char *target, int64_t stride, int64_t count) noexcept nogil:
    cdef const double *z = <const double *>source
    cdef float pair[2]
    cdef int64_t i
    for i in range(count):
        pair[0] = <float>z[2 * i]
        pair[1] = <float>z[2 * i + 1]
        memcpy(target + i * stride, pair, 8)


cdef void _put_pairs(const Config *c, const char *tile, int64_t rows, int64_t count, const Target *target,
                     int64_t done, char *spare) noexcept nogil:
    """Write rows 2i and 2i + 1 of a tile as row i of complex numbers. `spare` is another tile."""
    cdef const sg_kernels *k = c.kernels
    cdef ptrdiff_t size = k.itemsize
    cdef char *data = target.data + done * target.frame_stride
    cdef bint direct = target.frame_stride == 2 * size and not target.single
    cdef char *row
    cdef int64_t i
    for i in range(rows):
        row = data + i * target.row_stride
        k.transpose(tile + 2 * i * c.block * size, c.block, row if direct else spare, 2, 2, count)
        if target.single:
            _put_complex_single(spare, row, target.frame_stride, count)
        elif not direct:
            _put_row(spare, False, 2 * size, row, target.frame_stride, count)


cdef void _put_spectra(const Config *c, char *spectra, int64_t rows, int64_t count, const Target *target,
                       int64_t done, char *tile, char *spare) noexcept nogil:
    """Write the spectra buffer, one row per frame, as it stands, from where `spectra` points on."""
    cdef const sg_kernels *k = c.kernels
    cdef ptrdiff_t size = k.itemsize
    cdef ptrdiff_t element = 2 * size if c.spectrum == COMPLEX else size
    cdef char *data = target.data + done * target.frame_stride
    cdef int64_t i
    if target.frame_stride == element and target.row_stride % element == 0 and not target.single:
        if c.spectrum == COMPLEX:
            k.transpose_complex(spectra, c.frame_row // 2, data, target.row_stride // element, count, rows)
        else:
            k.transpose(spectra, c.frame_row, data, target.row_stride // element, count, rows)
    elif c.spectrum == COMPLEX:
        for i in range(count):
            if target.single:
                # A complex row is a real one of twice the length, in pairs.
                _put_complex_single(spectra + i * c.frame_row * size, data + i * target.frame_stride,
                                    target.row_stride, rows)
            else:
                _put_row(spectra + i * c.frame_row * size, False, element,
                         data + i * target.frame_stride, target.row_stride, rows)
    elif target.row_stride == (4 if target.single else size) or not c.has_tiles:
        for i in range(count):
            _put_row(spectra + i * c.frame_row * size, target.single, size,
                     data + i * target.frame_stride, target.row_stride, rows)
    else:
        k.transpose(spectra, c.frame_row, tile, c.block, count, rows)
        _put_tile(c, tile, rows, count, target, done, spare)


cdef void _run_head(const Config *c, const Head *head, const Signal *signal, int64_t first, int64_t frames,
                    const Target *target, int64_t done, char *arena) noexcept nogil:
    """Take one block of spectra, or of raw frames, through the stages of a head and write it out."""
    cdef const sg_kernels *k = c.kernels
    cdef ptrdiff_t size = k.itemsize
    # Idle lanes of the last tile are computed too, on whatever stands there: values never depend on how
    # many frames a block has.
    cdef int64_t lanes = round_up(frames, k.width)
    cdef char *spectra = arena + c.at_spectra
    cdef char *tile = arena + c.at_tile
    cdef char *other = arena + c.at_tile_2
    cdef const Stage *stage
    cdef int64_t rows = head.bins
    cdef int64_t r
    cdef bint turned = False
    cdef int s
    if head.spectrum == SAMPLES:
        _samples_tile(c, signal, first + done, frames, arena, tile)
        turned = True
    elif head.spectrum == ENERGY:
        memcpy(tile, arena + c.at_energy, c.block * size)
        turned = True
    elif c.n_heads > 1 and head.n_stages > 0:
        # Other heads want the spectra as they are.
        k.transpose(spectra, c.frame_row, tile, c.block, frames, rows)
        turned = True
    for s in range(head.n_stages):
        stage = &head.stages[s]
        if _is_elementwise(stage.kind):
            if not turned:
                _in_place(c, stage, spectra, frames * c.frame_row)
            elif lanes == c.block:
                _in_place(c, stage, tile, rows * c.block)
            else:
                for r in range(rows):
                    _in_place(c, stage, tile + r * c.block * size, lanes)
            continue
        if not turned:
            k.transpose(spectra, c.frame_row, tile, c.block, frames, rows)
            turned = True
        rows = stage.rows_out
        if stage.kind == NORMALIZE:
            k.normalize(tile, c.block, rows, lanes, <int>stage.a)
            continue
        if stage.kind == BANK:
            k.bank(tile, c.block, stage.bands, rows, stage.weights, other, c.block, lanes)
        elif stage.kind == DESCRIBE:
            k.describe[stage.which](tile, c.block, stage.rows_in, stage.axis, stage.a, other, lanes)
        elif stage.kind == DENSE:
            k.dense(tile + stage.first * c.block * size, c.block, stage.weights, rows, stage.rows_in, other,
                    c.block, lanes)
        elif stage.kind == RESONATORS:
            _resonators(c, stage, tile, other, lanes)
        else:
            k.pair_power(tile, c.block, rows, other, c.block, lanes)
        tile, other = other, tile
    if head.pairs:
        _put_pairs(c, tile, head.rows, frames, target, done, other)
    elif turned:
        _put_tile(c, tile, rows, frames, target, done, other)
    else:
        # A complex number is two elements.
        spectra += head.first_row * size * (2 if c.spectrum == COMPLEX else 1)
        _put_spectra(c, spectra, head.rows, frames, target, done, tile, other)


cdef void run_frames(const Config *c, const Signal *signal, int64_t first, int64_t count,
                     const Target *targets, char *arena) noexcept nogil:
    """Compute frames first .. first + count of a signal into the targets of the heads.

    Targets start at frame `first`.
    """
    cdef int64_t done = 0
    cdef int64_t frames
    cdef int h
    while done < count:
        frames = min(c.block, count - done)
        if c.spectrum != SAMPLES:
            _spectra(c, signal, first + done, frames, targets, done, arena)
        for h in range(c.n_heads):
            _run_head(c, &c.heads[h], signal, first, frames, &targets[h], done, arena)
        done += frames
