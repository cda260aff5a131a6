"""The one loop: gather -> steps -> window -> FFT -> split -> stages -> output, block by block.

``_engine/__init__.py`` draws it. A frame passes through `_spectra` alone, while it is in the first-level
cache: its samples are windowed in one buffer, transformed into another, and end as one row of the spectra.
Where that is faster, several frames are finished together, and come out side by side: as a tile, or in the
output itself (`_way`). Then `_run_output` takes the whole block through the stages at once. Most of them want
it as a tile, with one row per bin and the frames side by side, because then each of their instructions works
on as many frames as a vector register holds, whatever the shape of the bank.

Everything a value depends on is in `Config`. The position of a frame in its block, the size of the block and
the thread that computes it must not matter: streams, batches and threads cut the work differently and promise
the same bytes. That is why idle lanes of a tile are computed like all others, and why no kernel has a special
case for the last frames.

Two rules for those who change this file. Nothing here may touch a Python object, since it runs without the
GIL. And a pointer into scratch memory is aligned to 64 bytes only if its offset is: rows of the spectra and
of tiles are, a frame inside the gathered samples is not.
"""
from libc.string cimport memcpy

from spectrograms._engine.loop.repeated cimport reassign_frame, run_cepstra
from spectrograms._engine.loop.frames cimport gather, is_native
from spectrograms._engine.loop.octaves cimport run_octaves
from spectrograms._engine.loop.steps cimport NO_ENERGY, WINDOWED_ENERGY, frame_steps
from spectrograms._engine.kernels.kernels cimport SG_F64, kernels_for
from spectrograms._engine.memory.numbers cimport put
from spectrograms._engine.memory.sizes cimport round_up
from spectrograms._engine.fourier.rfft cimport rfft_begin, rfft_finish, rfft_frame

# How far ahead of a frame samples are prefetched, in bytes: a fetch from memory takes about as long as the
# work on the samples in between.
cdef int64_t AHEAD = 2048
# An output of more bytes than this does not fit in a second-level cache.
cdef int64_t LARGE_OUTPUT = 1 << 20
# An output of more bytes than this is in no cache when it is written. A line of it is then better written by
# a block of frames at once than by one group after the other.
cdef int64_t LARGEST_DIRECT = 6 << 20


cdef inline void _ask_for_lines(const sg_kernels *k, int64_t rows, const Target *target, int64_t done,
                                int64_t count, int64_t element, int64_t share,
                                int64_t shares) noexcept nogil:
    """Prefetch a share of the output lines of `count` frames, to be there when these are written.

    A store to a line that is not in the cache has to wait for it to be read. Asking for them all just before
    they are written would fill the queue of the core; spread over the transforms, the requests cost nothing.
    """
    cdef int64_t first = rows * share // shares
    cdef int64_t end = rows * (share + 1) // shares
    k.prefetch_write(target.data + first * target.row_stride + done * element, target.row_stride, end - first,
                     count * element)


cdef inline Way _way(const Config *c, const Target *target, int64_t count) noexcept nogil:
    """Which way the spectra of a block of `count` frames go. Their bytes are the same."""
    cdef const Output *output = &c.outputs[0]
    cdef int64_t element = c.kernels.itemsize * (2 if c.spectrum == COMPLEX else 1)
    # A group costs the same however many of its frames are wanted.
    if c.group == 1 or 2 * count < c.group or output.real:
        return ROWS
    if c.n_outputs > 1 or output.needs_tile:
        return TILE
    if target.single or target.frame_stride != element or target.row_stride % element != 0:
        # Rows of frames are closer to this output than tiles.
        return ROWS
    if output.n_stages > 0:
        return TILE if c.has_tiles else ROWS
    return DIRECT if output.rows == c.bins and output.rows * target.row_stride <= LARGEST_DIRECT else ROWS


cdef inline int64_t _grouped(const Config *c, Way way, int64_t count) noexcept nogil:
    """How many of `count` frames go in groups, the last of which may have idle places in a tile."""
    cdef int64_t rest = count % c.group
    if way == ROWS:
        return 0
    return count if way == TILE and 2 * rest >= c.group else count - rest


cdef int64_t _spectra(const Config *c, const Signal *signal, int64_t first, int64_t count, Way way,
                      const Target *target, int64_t done, int64_t following, char *scratch) noexcept nogil:
    """Transform `count` frames, before `following` others; return how many are in the output already."""
    cdef const sg_kernels *k = c.kernels
    cdef const Geometry *g = &c.geometry
    cdef ptrdiff_t size = k.itemsize
    cdef char *buffer = scratch + c.at_buffer
    cdef char *transformed = scratch + c.at_transformed
    cdef char *spectra = scratch + c.at_spectra
    cdef char *energies = scratch + c.at_energy
    cdef char *gathered = scratch + c.at_gathered
    cdef double energy = 0
    cdef double mean
    cdef const char *x, *ahead
    # A frame is read where it stands if the signal is native and the frame lies inside it: padded indices
    # low .. high. Any other goes through the gather buffer, which holds indices held .. held_end at the
    # moment, usually those of several frames.
    cdef bint direct = is_native(signal.type, signal.stride, size) and g.preemphasis == 0
    cdef int64_t low = g.lead + signal.origin
    cdef int64_t high = low + signal.available
    cdef int64_t held = 0
    cdef int64_t held_end = 0
    # How many samples of a frame the one before did not have: only these are worth a prefetch, and none of
    # those between frames where the hop is longer.
    cdef int64_t fresh = min(g.hop, g.frame)
    cdef int64_t b, start, frames
    cdef int64_t element = 2 * size if c.spectrum == COMPLEX else size
    # The first `grouped` frames are finished together, each at its `place` in a group. Where others are to
    # join a tile, their rows have a place of their own.
    cdef int64_t grouped = _grouped(c, way, count)
    cdef int64_t place
    cdef int64_t lanes = round_up(count, k.width)
    cdef char *rows = transformed + c.rfft.at_turned if way == TILE else spectra
    cdef const Output *output = &c.outputs[0]
    # Whether to prefetch the output lines of this block; possible where each row is contiguous over frames.
    # Where stages come between, it pays only if the output is too large to be in the cache. Groups are
    # written before their lines could all be there: those of the next block are asked for.
    cdef bint prefetch = c.n_outputs == 1 and target.frame_stride == element and (
        not output.needs_tile or output.rows * target.row_stride > LARGE_OUTPUT
    )
    cdef int64_t asked = done if way != DIRECT else done + count
    cdef int64_t asked_count = count if way != DIRECT else min(count, following)

    for b in range(count):
        start = (first + b) * g.hop - g.left
        if direct and start >= low and start + g.frame <= high:
            x = signal.data + (start - low) * size
            ahead = x + g.frame * size + AHEAD if start + g.frame + g.hop + AHEAD // size <= high else x
        else:
            if start < held or start + g.frame > held_end:
                frames = min(count - b, 1 + (c.gathered - g.frame) // g.hop)
                if direct and start < low:
                    # Gather no further than the last frame that begins before the signal; those inside it
                    # are read directly.
                    frames = min(frames, (low - start + g.hop - 1) // g.hop)
                held = start
                held_end = start + g.frame + (frames - 1) * g.hop
                gather(k, g, signal, held, held_end - held, gathered, scratch + c.at_spare)
            x = gathered + (start - held) * size
            ahead = x
        if c.steps.short:
            # The steps that most frontends have, in two passes over the frame instead of four.
            mean = k.sum(x, g.frame) / g.frame if c.steps.remove_mean else 0
            k.emphasize(x, c.window, buffer + c.window_at * size, g.frame, ahead, fresh, c.steps.gain,
                        -mean * c.steps.gain, c.steps.preemphasis)
        else:
            if c.steps.any:
                x = frame_steps(k, &c.steps, x, g.frame, first + b, &energy, scratch + c.at_frame,
                                scratch + c.at_spare)
            if c.reassigned == NULL:
                k.window(x, c.window, buffer + c.window_at * size, g.frame, ahead, fresh)
        if c.steps.energy != NO_ENERGY:
            if c.steps.energy == WINDOWED_ENERGY:
                energy = c.energy_scale * k.sum_squares(buffer + c.window_at * size, g.frame)
            put(energies, b, size, energy)
        place = b % c.group
        # Half of the lines before and half after the transform: a core can wait for a few at a time only.
        if prefetch:
            _ask_for_lines(k, output.rows, target, asked, asked_count, element, 2 * b, 2 * count)
        if c.reassigned != NULL:
            reassign_frame(c.reassigned, x, <double>(first + b) * g.hop, buffer, transformed,
                           scratch + c.at_levels, spectra + b * c.frame_row * size)
        elif b < grouped:
            rfft_begin(c.rfft, buffer, transformed, place)
        else:
            # A frame shorter than n relies on the zeros around it, so the transform must not overwrite them.
            rfft_frame(c.rfft, buffer, rows + (b - grouped) * c.frame_row * size, transformed,
                       c.spectrum == POWER, g.frame < c.n)
        if prefetch:
            _ask_for_lines(k, output.rows, target, asked, asked_count, element, 2 * b + 1, 2 * count)
        if b < grouped and (place == c.group - 1 or b == grouped - 1):
            if way == DIRECT:
                rfft_finish(c.rfft, transformed, target.data + (done + b - place) * element,
                            target.row_stride // element, c.spectrum == POWER)
            else:
                rfft_finish(c.rfft, transformed, spectra + (b - place) * size, lanes, True)
    if way == TILE and grouped < count:
        k.transpose(rows, c.frame_row, spectra + grouped * size, lanes, count - grouped, c.bins)
    return grouped if way == DIRECT else 0


cdef void _samples_tile(const Config *c, const Signal *signal, int64_t first, int64_t count, char *scratch,
                        char *tile, int64_t lanes) noexcept nogil:
    """Write the raw frames as a tile, one row of `lanes` for each of their n samples."""
    cdef const sg_kernels *k = c.kernels
    cdef const Geometry *g = &c.geometry
    cdef int64_t start = first * g.hop - g.left - c.window_at
    cdef int64_t span = (count - 1) * g.hop + c.n
    cdef int64_t low = g.lead + signal.origin
    cdef ptrdiff_t size = k.itemsize
    # Overlapping frames need no copies: row t of the matrix to transpose is the same memory, a hop further
    # on. Frames further apart than they are long are gathered one by one, to stand side by side.
    cdef int64_t step = g.hop
    cdef const char *x = scratch + c.at_gathered
    cdef int64_t b
    if (is_native(signal.type, signal.stride, size) and g.preemphasis == 0
            and start >= low and start + span <= low + signal.available):
        x = signal.data + (start - low) * size
    elif step <= c.n:
        gather(k, g, signal, start, span, scratch + c.at_gathered, scratch + c.at_spare)
    else:
        step = c.n
        for b in range(count):
            gather(k, g, signal, start + b * g.hop, step, scratch + c.at_gathered + b * step * size,
                   scratch + c.at_spare)
    k.transpose(x, step, tile, lanes, count, c.n)


cdef void _resonators(const Config *c, const Stage *stage, char *tile, char *other,
                      int64_t lanes) noexcept nogil:
    """Window the rows of a tile, which are samples, and sum the energy that each resonator lets through."""
    cdef const sg_kernels *k = c.kernels
    cdef ptrdiff_t size = k.itemsize
    cdef int64_t i
    cdef double w
    for i in range(stage.rows_in):
        w = (<const float *>stage.window)[i] if size == 4 else (<const double *>stage.window)[i]
        k.affine(tile + i * lanes * size, tile + i * lanes * size, lanes, w, 0)
    k.resonators(tile, lanes, stage.rows_in, stage.weights, stage.rows_out, other, lanes, lanes)


cdef void _cepstrum(const Config *c, const Stage *stage, char *tile, char *spectra, char *other,
                    int64_t lanes, int64_t frames, char *scratch) noexcept nogil:
    """The cepstra of a block, in place: a tile is turned to rows and back."""
    cdef const sg_kernels *k = c.kernels
    cdef int64_t pitch = round_up(stage.rows_in, 16)
    if tile == NULL:
        run_cepstra(stage.cepstra, spectra, c.frame_row, frames, scratch + c.at_levels)
        return
    k.transpose(tile, lanes, other, pitch, stage.rows_in, frames)
    run_cepstra(stage.cepstra, other, pitch, frames, scratch + c.at_levels)
    k.transpose(other, pitch, tile, lanes, frames, stage.rows_in)


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


cdef void _put_row(const char *source, bint cast, ptrdiff_t size, char *target, int64_t stride,
                   int64_t count) noexcept nogil:
    """Write `count` consecutive elements `stride` bytes apart, casting float64 to float32 if asked."""
    cdef int64_t i
    cdef float f
    if cast:
        if stride == 4:
            # The table of float32 has the conversion from float64, vectorised.
            kernels_for(True).convert[SG_F64](source, 8, target, count)
        else:
            for i in range(count):
                f = <float>(<const double *>source)[i]
                memcpy(target + i * stride, &f, 4)
    elif stride == size:
        memcpy(target, source, count * size)
    else:
        # memcpy, since an element may be a real or a complex number of either precision.
        for i in range(count):
            memcpy(target + i * stride, source + i * size, size)


cdef void _put_tile(const Config *c, const char *tile, int64_t pitch, int64_t rows, int64_t count,
                    const Target *target, int64_t done, char *spare) noexcept nogil:
    """Write rows x count of a tile, `pitch` elements from row to row. `spare` is another tile, free."""
    cdef const sg_kernels *k = c.kernels
    cdef ptrdiff_t size = k.itemsize
    cdef char *data = target.data + done * target.frame_stride
    cdef int64_t i
    if target.row_stride == (4 if target.single else size):
        # Time-major: the rows of one frame stand together in the output, so transpose the tile first.
        k.transpose(tile, pitch, spare, round_up(rows, 16), rows, count)
        for i in range(count):
            _put_row(spare + i * round_up(rows, 16) * size, target.single, size,
                     data + i * target.frame_stride, target.row_stride, rows)
        return
    for i in range(rows):
        _put_row(tile + i * pitch * size, target.single, size, data + i * target.row_stride,
                 target.frame_stride, count)


cdef void _put_complex_single(const char *source, char *target, int64_t stride, int64_t count) noexcept nogil:
    cdef const double *z = <const double *>source
    cdef float pair[2]
    cdef int64_t i
    # By way of a local pair: the target may have any stride.
    for i in range(count):
        pair[0] = <float>z[2 * i]
        pair[1] = <float>z[2 * i + 1]
        memcpy(target + i * stride, pair, 8)


cdef void _put_pairs(const Config *c, const char *tile, int64_t pitch, int64_t rows, int64_t count,
                     const Target *target, int64_t done, char *spare) noexcept nogil:
    """Write rows 2i and 2i + 1 of a tile as row i of complex numbers. `spare` is another tile.

    Interleaving two rows is the transposition of a matrix of two rows.
    """
    cdef const sg_kernels *k = c.kernels
    cdef ptrdiff_t size = k.itemsize
    cdef char *data = target.data + done * target.frame_stride
    cdef bint direct = target.frame_stride == 2 * size and not target.single
    cdef char *row
    cdef int64_t i
    for i in range(rows):
        row = data + i * target.row_stride
        k.transpose(tile + 2 * i * pitch * size, pitch, row if direct else spare, 2, 2, count)
        if target.single:
            _put_complex_single(spare, row, target.frame_stride, count)
        elif not direct:
            _put_row(spare, False, 2 * size, row, target.frame_stride, count)


cdef void _put_spectra(const Config *c, char *spectra, int64_t rows, int64_t count, const Target *target,
                       int64_t done, char *tile, char *spare) noexcept nogil:
    """Write `rows` bins of the spectra buffer, which has one row per frame, without any stage.

    The common layouts are transposed straight into the output. The others go row by row, or through a tile
    where there is one.
    """
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
        _put_tile(c, tile, c.block, rows, count, target, done, spare)


cdef void _put_real(const Config *c, const Output *output, const char *spectra, int64_t count,
                    const Target *target, int64_t done, char *tile, char *spare) noexcept nogil:
    """Write the real parts of complex spectra: every second row, if their numbers are turned to rows."""
    cdef const sg_kernels *k = c.kernels
    cdef int64_t lanes = round_up(count, k.width)
    k.transpose(spectra + 2 * output.first_row * k.itemsize, c.frame_row, tile, lanes,
                min(lanes, round_up(count, 32 // k.itemsize)), 2 * output.rows)
    if output.n_stages > 0:
        k.normalize(tile, 2 * lanes, output.rows, lanes, <int>output.stages[0].a)
    _put_tile(c, tile, 2 * lanes, output.rows, count, target, done, spare)


cdef void _run_output(const Config *c, const Output *output, const Signal *signal, int64_t first,
                      int64_t frames, bint tiled, const Target *target, int64_t done,
                      char *scratch) noexcept nogil:
    """Take one block of spectra, or of raw frames, through the stages of an output and write it out.

    `tile` is where the rows are at the moment, once they are in a tile, and `other` is free: a stage that
    cannot work in place writes there, and the two change places. `tiled` spectra are a tile from the start.
    """
    cdef const sg_kernels *k = c.kernels
    cdef ptrdiff_t size = k.itemsize
    # Idle lanes of the last vector are computed too, on whatever stands there, so that the same instructions
    # run however many frames a block has. The rows of a tile follow each other without a gap.
    cdef int64_t lanes = round_up(frames, k.width)
    cdef char *spectra = scratch + c.at_spectra
    cdef char *tile = scratch + c.at_tile
    cdef char *other = scratch + c.at_tile_2
    cdef const Stage *stage
    cdef int64_t rows = output.bins
    # Whole pieces of what transposes: number by number even a single frame takes longer.
    cdef int64_t moved = min(lanes, round_up(frames, 32 // size))
    cdef bint in_tile = False
    cdef char *last
    cdef int s = 0
    if output.real:
        _put_real(c, output, spectra, frames, target, done, tile, other)
        return
    if output.spectrum == SAMPLES and output.n_stages > 0 and output.stages[0].kind == OCTAVES:
        run_octaves(k, &c.geometry, output.stages[0].octaves, output.stages[0].first, signal, first + done,
                    frames, scratch + c.at_gathered, scratch + c.at_levels, scratch + c.at_spare, other, tile,
                    lanes)
        rows = output.stages[0].rows_out
        in_tile = True
        s = 1
    elif output.spectrum == SAMPLES:
        _samples_tile(c, signal, first + done, frames, scratch, tile, lanes)
        in_tile = True
    elif output.spectrum == ENERGY:
        memcpy(tile, scratch + c.at_energy, c.block * size)
        in_tile = True
    elif tiled:
        in_tile = True
        if c.n_outputs > 1 and (output.n_stages == 0 or not _reads_only(output.stages[0].kind)):
            # The other outputs need the spectra unchanged.
            memcpy(tile, spectra, rows * lanes * size)
        else:
            tile, other = spectra, tile
    elif c.n_outputs > 1 and output.n_stages > 0:
        # Again: even elementwise stages work on a copy.
        k.transpose(spectra, c.frame_row, tile, lanes, moved, rows)
        in_tile = True
    for s in range(s, output.n_stages):
        stage = &output.stages[s]
        if _is_elementwise(stage.kind):
            # These do not care about the layout: one call for the whole buffer.
            if in_tile:
                _in_place(c, stage, tile, rows * lanes)
            else:
                _in_place(c, stage, spectra, frames * c.frame_row)
            continue
        if stage.kind == CEPSTRUM:
            _cepstrum(c, stage, tile if in_tile else NULL, spectra, other, lanes, frames, scratch)
            continue
        if not in_tile:
            k.transpose(spectra, c.frame_row, tile, lanes, moved, rows)
            in_tile = True
        rows = stage.rows_out
        if stage.kind == NORMALIZE:
            k.normalize(tile, lanes, rows, lanes, <int>stage.a)
            continue
        if stage.kind == EDGES:
            # The bins that have no negative frequency beside them: 0 Hz and, of an even length, Nyquist.
            k.affine(tile, tile, lanes, stage.a, 0)
            if c.n % 2 == 0:
                last = tile + (rows - 1) * lanes * size
                k.affine(last, last, lanes, stage.a, 0)
            continue
        if stage.kind == BANK:
            k.bank(tile, lanes, stage.bands, rows, stage.weights, other, lanes, lanes)
        elif stage.kind == PAIR_BANK:
            k.pair_bank(tile, lanes, stage.bands, rows, stage.weights, other, lanes, lanes)
        elif stage.kind == DESCRIBE:
            _describe(k, stage, tile, other, lanes)
        elif stage.kind == DENSE:
            k.dense(tile + stage.first * lanes * size, lanes, stage.weights, rows, stage.rows_in, other,
                    lanes, lanes)
        elif stage.kind == RESONATORS:
            _resonators(c, stage, tile, other, lanes)
        else:
            k.pair_power(tile, lanes, rows, other, lanes, lanes)
        tile, other = other, tile
        if other == spectra:
            # Not for more rows than there are bins, nor while other outputs need them.
            other = scratch + c.at_tile_2
    if output.pairs:
        _put_pairs(c, tile, lanes, output.rows, frames, target, done, other)
    elif in_tile:
        _put_tile(c, tile + output.first_row * lanes * size, lanes, output.rows, frames, target, done, other)
    else:
        # A complex number counts as two elements.
        spectra += output.first_row * size * (2 if c.spectrum == COMPLEX else 1)
        _put_spectra(c, spectra, output.rows, frames, target, done, tile, other)


cdef void run_frames(const Config *c, const Signal *signal, int64_t first, int64_t count,
                     const Target *targets, char *scratch) noexcept nogil:
    """Compute frames first .. first + count of a signal into the targets, which start at frame `first`."""
    cdef int64_t done = 0
    cdef int64_t frames
    cdef int64_t written
    cdef Way way
    cdef int j
    while done < count:
        frames = min(c.block, count - done)
        way = _way(c, targets, frames)
        if c.spectrum != SAMPLES:
            written = _spectra(c, signal, first + done, frames, way, targets, done, count - done - frames,
                               scratch)
            done += written
            frames -= written
        # One output after the other, while the spectra of the block are in the cache.
        for j in range(c.n_outputs if frames > 0 else 0):
            _run_output(c, &c.outputs[j], signal, first, frames, way == TILE, &targets[j], done, scratch)
        done += frames
