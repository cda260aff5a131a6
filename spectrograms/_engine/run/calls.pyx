"""Runs an engine over what a user hands in: one signal, an array of them, or a list of any lengths.

Each function here has the same three parts, in this order. First the samples become `Signal` structures,
which may run the caller's code (conversions, ``__array__``). Then `_aim` looks at the arrays to write to,
once, and takes their addresses and strides. Then the work runs, on addresses alone. Nothing of the caller's
runs between the second part and the third, so an array cannot change its shape after it was checked.

Work of less than a millisecond runs at once. Longer work becomes a `Job`, which several threads may share and
Ctrl-C can stop.
"""
import numpy as np

cimport numpy as cnp

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport int64_t, uintptr_t
from libc.string cimport memcpy

from spectrograms._engine.memory.views cimport overlaps_itself
from spectrograms._engine.loop.block cimport MAX_OUTPUTS, Target
from spectrograms._engine.loop.engine cimport Engine
from spectrograms._engine.loop.frames cimport Signal
from spectrograms._engine.run.jobs cimport Job
from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block
from spectrograms._engine.memory.sizes cimport round_up
from spectrograms._engine.results.result cimport C64, C128, F32, F64, OwnedArray, allocate
from spectrograms._engine.loop.signals cimport attach, point, sample_type

from spectrograms._common.recorded import Recorded

cnp.import_array()

#: The most outputs that one pass may have.
MOST_OUTPUTS = MAX_OUTPUTS  # type: int

# pyi: _R = TypeVar("_R", bound=OwnedArray)

# NumPy's type numbers of the element types.
cdef int[4] _NUMPY_TYPES
_NUMPY_TYPES[F32], _NUMPY_TYPES[F64] = cnp.NPY_FLOAT32, cnp.NPY_FLOAT64
_NUMPY_TYPES[C64], _NUMPY_TYPES[C128] = cnp.NPY_COMPLEX64, cnp.NPY_COMPLEX128

# Nanoseconds of work from which a call becomes a job.
cdef double WORTH_A_JOB = 1e6
# Nanoseconds of a stream's work between two checks for Ctrl-C.
cdef double INTERRUPT_CHECK = 1e7


cdef int _aim(Target *target, Engine engine, cnp.ndarray out, int64_t rows, int64_t count) except -1:
    """Point a target at a (rows, count) array of any strides, or refuse the array.

    This is the last look at the array, and the only one that counts: whatever was checked before may have
    been changed meanwhile by another thread or by a conversion.
    """
    cdef int code = engine.type_code()
    cdef int type_number = cnp.PyArray_TYPE(out)
    # An engine of float64 may write float32, but not the other way round. The code of the narrow type is the
    # one before that of the wide type.
    target.single = type_number != _NUMPY_TYPES[code]
    if target.single and (engine.single or type_number != _NUMPY_TYPES[code - 1]):
        raise TypeError(f"out must have the dtype of the engine, got {out.dtype}")
    if cnp.PyArray_NDIM(out) != 2 or cnp.PyArray_DIM(out, 0) != rows or cnp.PyArray_DIM(out, 1) != count:
        raise ValueError(f"out must have shape {rows, count}, got {np.shape(out)}")
    if not cnp.PyArray_ISBEHAVED(out):
        raise ValueError("out must be writable, aligned and of the native byte order")
    target.data = <char *>cnp.PyArray_DATA(out)
    target.row_stride = cnp.PyArray_STRIDE(out, 0)
    target.frame_stride = cnp.PyArray_STRIDE(out, 1)
    return 0


cdef _run(Engine engine, object samples, const Signal *signal, const Target *targets, int64_t count,
          object memory, num_threads):
    """Compute all frames of one signal.

    `samples` and `memory` own what the signal and the targets point into. A job must keep them alive itself:
    after Ctrl-C, a thread may be at work a little longer than the call.
    """
    cdef Job job
    cdef int64_t j
    # Short enough to run at once: no job, no other thread, and Ctrl-C waits for a millisecond at most.
    if count * engine.frame_cost() < WORTH_A_JOB:
        engine.run(signal, 0, count, targets)
        return
    job = Job(engine, 1)
    job.take(signal, count, samples)
    job.hold(memory)
    for j in range(engine.config.n_outputs):
        job.target(0, j)[0] = targets[j]
    job.run(num_threads)


cdef object _told(info, samples):
    """The info of a result, with the time of its first sample if the samples know it."""
    if type(samples) is Recorded and samples.start != 0.0 and hasattr(info, "starting"):
        return info.starting(samples.start)
    return info


def compute(Engine engine, type cls, info, str empty, samples, num_threads=None):
    # type: (cls: type[_R], info: Any, samples: ArrayLike, num_threads: int | None) -> _R
    """Compute all frames of a signal into a new result of class `cls`.

    What changes from call to call comes last, so that a `functools.partial` can hold the rest. `empty` is the
    text of the ValueError for a signal without samples.
    """
    cdef Signal signal
    cdef Target target
    # `array` keeps the samples alive, and must live as long as `signal` is used.
    cdef object array = attach(samples, &signal, empty)
    cdef int64_t count = engine.frame_count(signal.length)
    cdef OwnedArray result = allocate(cls, engine.type_code(), engine.config.outputs[0].rows, count,
                                      _told(info, samples))
    engine.aim(&target, <char *>result.ptr, count)
    _run(engine, array, &signal, &target, count, result, num_threads)
    return result


def compute_outputs(Engine engine, list classes, samples, list infos, str empty, num_threads=None):
    # type: (classes: list[type[OwnedArray]], samples: ArrayLike, infos: list[Any],
    # num_threads: int | None) -> list[Any]
    """Compute all frames of a signal into one new result for each output, of these classes and infos."""
    cdef Signal signal
    cdef Target targets[MAX_OUTPUTS]
    cdef object array = attach(samples, &signal, empty)
    cdef int64_t count = engine.frame_count(signal.length)
    cdef OwnedArray result
    cdef list results = []
    cdef int64_t j
    for j in range(engine.config.n_outputs):
        info = _told(infos[j], samples)
        result = allocate(classes[j], engine.type_code(), engine.config.outputs[j].rows, count, info)
        engine.aim(&targets[j], <char *>result.ptr, count)
        results.append(result)
    _run(engine, array, &signal, targets, count, results, num_threads)
    return results


cdef void _bounds(cnp.ndarray array, uintptr_t *low, uintptr_t *high) noexcept:
    """Find where the memory of a non-empty array begins and ends."""
    cdef int axis
    cdef Py_ssize_t reach
    low[0] = high[0] = <uintptr_t>cnp.PyArray_DATA(array)
    high[0] += cnp.PyArray_ITEMSIZE(array)
    for axis in range(cnp.PyArray_NDIM(array)):
        reach = (cnp.PyArray_DIM(array, axis) - 1) * cnp.PyArray_STRIDE(array, axis)
        if reach < 0:
            low[0] += reach
        else:
            high[0] += reach


def compute_plain(Engine engine, samples, out, num_threads=None):
    # type: (samples: Any, out: Any, num_threads: int | None) -> bool
    """Compute a signal into an array if both are plain and do not overlap; return whether they were.

    This is the shortest way for the most common case: native arrays of the right shape, for which no Python
    code has to run. Where it returns False, the caller takes the long way, which copes with everything else
    or says what is wrong.
    """
    cdef cnp.ndarray x, y
    cdef Signal signal
    cdef Target target
    cdef int64_t count
    cdef uintptr_t x_low, x_high, y_low, y_high
    if not cnp.PyArray_CheckExact(samples) or not cnp.PyArray_CheckExact(out):
        return False
    x, y = samples, out
    if cnp.PyArray_NDIM(x) != 1 or cnp.PyArray_NDIM(y) != 2 or x.shape[0] == 0 or sample_type(x) < 0:
        return False
    # From here to the work no Python code runs, so what is seen now stays true.
    point(&signal, x)
    count = engine.frame_count(signal.length)
    if (
        cnp.PyArray_TYPE(y) != _NUMPY_TYPES[engine.type_code()]
        or not cnp.PyArray_ISBEHAVED(y)
        or cnp.PyArray_DIM(y, 0) != engine.config.outputs[0].rows
        or cnp.PyArray_DIM(y, 1) != count
        or count == 0
    ):
        return False
    # The loop writes results while it still reads samples, so the two must not share memory. Comparing their
    # bounds is enough here: arrays that are merely interleaved take the long way.
    _bounds(x, &x_low, &x_high)
    _bounds(y, &y_low, &y_high)
    if (x_high > y_low and y_high > x_low) or overlaps_itself(y):
        return False
    # Checks the shape once more, which costs little, and fills in the target.
    _aim(&target, engine, y, engine.config.outputs[0].rows, count)
    _run(engine, x, &signal, &target, count, y, num_threads)
    return True


def compute_into(Engine engine, samples, cnp.ndarray out, str empty, num_threads=None):
    # type: (samples: ArrayLike, num_threads: int | None) -> None
    """Compute all frames of a signal into `out`, shape (rows, frames), any strides."""
    compute_outputs_into(engine, samples, [out], empty, num_threads)


def compute_outputs_into(Engine engine, samples, list outs, str empty, num_threads=None):
    # type: (samples: ArrayLike, outs: list[NDArray[Any]], num_threads: int | None) -> None
    """Compute all frames of a signal into one array (rows, frames) for each output, any strides."""
    cdef Signal signal
    cdef Target targets[MAX_OUTPUTS]
    cdef object array = attach(samples, &signal, empty)
    cdef int64_t count = engine.frame_count(signal.length)
    cdef int64_t j
    for j in range(engine.config.n_outputs):
        _aim(&targets[j], engine, outs[j], engine.config.outputs[j].rows, count)
    _run(engine, array, &signal, targets, count, outs, num_threads)


def compute_frames(Engine engine, samples, cnp.ndarray out, int64_t first, str empty):
    # type: (samples: ArrayLike) -> None
    """Compute frames from `first` on into `out`, shape (rows, count)."""
    cdef Signal signal
    cdef Target target
    cdef object _alive = attach(samples, &signal, empty)
    cdef int64_t count = out.shape[1]
    _aim(&target, engine, out, engine.config.outputs[0].rows, count)
    engine.run(&signal, first, count, &target)


def compute_part(Engine engine, cnp.ndarray samples, int64_t origin, int64_t length, list outs,
                 int64_t first):  # type: (outs: list[NDArray[Any]]) -> None
    """Compute frames from `first` on of a signal of which only a part is at hand.

    Parameters
    ----------
    samples : ndarray, shape (n,)
        Samples origin .. origin + n of the signal; they must include those that the frames need.
    length : int
        Length of the whole signal, or the part of it that is known so far.
    outs : list of ndarray, each of shape (rows, count)
        One for each output.
    """
    cdef Signal signal
    cdef Target targets[MAX_OUTPUTS]
    cdef object _alive = attach(samples, &signal, "")
    cdef int64_t count = outs[0].shape[1]
    cdef int64_t step = max(engine.config.block, <int64_t>(INTERRUPT_CHECK / engine.frame_cost()))
    cdef int64_t j, frames
    cdef int64_t low = first * engine.hop - engine.back - 1
    cdef int64_t high = (first + count - 1) * engine.hop + engine.latency
    signal.origin = origin
    signal.length = length
    # The loop reads without checks. One sample more on the left, for the pre-emphasis of the whole signal.
    if max(low, 0) < origin or min(high, length) > origin + signal.available:
        raise ValueError(f"samples must hold {max(low, 0)} .. {min(high, length)}, got {origin} and more")
    for j in range(engine.config.n_outputs):
        _aim(&targets[j], engine, outs[j], engine.config.outputs[j].rows, count)
    # In pieces, so that a long chunk can be interrupted between them.
    while count > 0:
        PyErr_CheckSignals()
        frames = min(step, count)
        engine.run(&signal, first, frames, targets)
        for j in range(engine.config.n_outputs):
            targets[j].data += frames * targets[j].frame_stride
        first += frames
        count -= frames


cdef Job _holding(Engine engine, signals, list outs):
    """A job that holds signals and the arrays it will write to."""
    cdef int64_t i
    cdef Job job = Job(engine, len(signals))
    job.hold(outs)
    for i in range(len(signals)):
        PyErr_CheckSignals()
        job.add(i, signals[i], "")
    return job


def compute_padded(Engine engine, list signals, list tails, list outs, num_threads=None):
    # type: (signals: list[NDArray[Any]], tails: list[int], outs: list[list[NDArray[Any]]],
    # num_threads: int | None) -> None
    """Compute signals with zeros after their ends; each array has as many columns as frames are wanted.

    Parameters
    ----------
    signals : list of ndarray, each of shape (n,)
    tails : list of int
        Number of zeros that belong to each signal, after its end.
    outs : list of lists of ndarray, each of shape (rows, count)
        For each signal one array for each output, any strides.
    """
    cdef Job job = _holding(engine, signals, outs)
    cdef int64_t i, j
    for i in range(len(signals)):
        job.signals[i].tail = tails[i]
        job.counts[i] = outs[i][0].shape[1]
        for j in range(engine.config.n_outputs):
            _aim(job.target(i, j), engine, outs[i][j], engine.config.outputs[j].rows, job.counts[i])
    job.run(num_threads)


def compute_array(Engine engine, cnp.ndarray signals, list outs, num_threads=None):
    # type: (outs: list[NDArray[Any]], num_threads: int | None) -> None
    """Compute each signal of an array (n_signals, n_samples) into arrays (n_signals, rows, frames).

    `outs` holds one array for each output.
    """
    cdef Job job = _holding(engine, signals, outs)
    cdef int64_t i, j
    for i in range(len(signals)):
        for j in range(engine.config.n_outputs):
            _aim(job.target(i, j), engine, outs[j][i], engine.config.outputs[j].rows, job.counts[i])
    job.run(num_threads)


def attach_all(Engine engine, signals):  # type: (signals: Sequence[ArrayLike]) -> Job
    """Check a sequence of signals; return the job that holds them.

    Errors name the index of the signal.
    """
    # A list of our own: converting one signal may run code that removes another from the caller's list.
    cdef list items = list(signals)
    cdef int64_t n = len(items)
    cdef Job job = Job(engine, n)
    cdef int64_t i = 0
    for i in range(n):
        PyErr_CheckSignals()
        # The caller gave many signals: say which one is wrong.
        try:
            job.add(i, items[i], "must not be empty")
        except ValueError as error:
            raise ValueError(f"signals[{i}]: {error}") from None
        except TypeError as error:
            raise TypeError(f"signals[{i}]: {error}") from error
    return job


def frame_counts(Job job):  # type: () -> NDArray[np.int64]
    """Return the number of frames of each signal of a job, an ndarray of int64."""
    cdef cnp.ndarray counts = np.empty(job.n_signals, np.int64)
    memcpy(cnp.PyArray_DATA(counts), job.counts, job.n_signals * sizeof(int64_t))
    return counts


def run_all(Job job, num_threads=None, bint time_major=False):
    # type: (num_threads: int | None) -> list[tuple[AlignedBlock, NDArray[np.int64]]]
    """Compute every signal of a job into one aligned block for each output.

    Returns
    -------
    list of (AlignedBlock, ndarray of int64)
        Block and the byte offset of each result in it. Each result is a contiguous (rows, frames) array, or
        (frames, rows) if `time_major`, and starts on a 64-byte boundary.
    """
    cdef Engine engine = job.engine
    cdef AlignedBlock block
    cdef Target *target
    cdef int64_t j, i, rows, size
    cdef cnp.ndarray offsets
    cdef int64_t *offset
    results = []
    # One allocation for each output, however many signals there are; each result starts on a cache line.
    for j in range(engine.config.n_outputs):
        # First where each result goes, then one block for all of them, then the targets.
        offsets = np.empty(job.n_signals, np.int64)
        offset = <int64_t *>cnp.PyArray_DATA(offsets)
        rows = engine.config.outputs[j].rows
        size = 0
        for i in range(job.n_signals):
            offset[i] = size
            size += round_up(rows * job.counts[i] * engine.element(), 64)
        block = new_block(size)
        job.hold(block)
        for i in range(job.n_signals):
            target = job.target(i, j)
            engine.aim(target, <char *>block.ptr + offset[i], job.counts[i])
            if time_major:
                target.row_stride = engine.element()
                target.frame_stride = rows * engine.element()
        results.append((block, offsets))
    job.run(num_threads)
    return results
