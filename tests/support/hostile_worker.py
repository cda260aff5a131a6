"""Run by test_outputs.py in processes of their own: arrays that change while a call examines them.

Each scenario gives the right numbers or raises a documented error, and writes only into its output.
"""

import os
import signal
import sys
import threading
import time
import warnings
from contextlib import suppress

import numpy as np

import spectrograms as sg

STFT = sg.StftParams(256, 64, "hann")
PARAMS = sg.SpectrogramParams(STFT, 8000.0)
PLAN = sg.SpectrogramPlan(PARAMS, sg.MelParams(20, 0.0, 4000.0), "db", dtype="float32")
FEATURES = sg.FeatureSet(STFT, 8000.0, {"power": "power", "rms": "rms"}, "float32")
INVERSE = sg.IstftPlan(STFT)
X = np.random.default_rng(0).standard_normal(16000)
Z = sg.compute_stft(X, PARAMS).data
DOCUMENTED = (TypeError, ValueError)


class Output:
    """An array in the middle of marked memory."""

    def __init__(self, shape, dtype="float32"):
        size = int(np.prod(shape))
        self.memory = np.full(3 * size + 30000, 7, dtype)
        start = (len(self.memory) - size) // 2
        self.places = slice(start, start + size)
        self.array = self.memory[self.places].reshape(shape)

    def check(self):
        around = np.delete(self.memory, np.r_[self.places])
        assert (around == 7).all(), "written beyond the output"


class Spiteful:
    """A number with a side effect when its value is asked for."""

    def __init__(self, act):
        self.act = act

    def __float__(self):
        self.act()
        return 0.5

    def __complex__(self):
        return complex(float(self))

    def __index__(self):
        self.act()
        return 1


def spiteful(values, act):
    """The values as an array of objects, one of which has a side effect."""
    array = values.astype(object)
    array.reshape(-1)[5] = Spiteful(act)
    return array


def flattened(array):
    """Flatten an array in place."""

    def act():
        array.shape = (1, array.size)

    return act


# --- whole calls with an output ---------------------------------------------------------------------------


def calls(samples=X, spectra=Z):
    """Public calls that write into the caller's memory: name -> (shape, dtype, samples, call)."""
    shape = PLAN.output_shape(len(samples))
    power = FEATURES.output_shape(len(samples))["power"]
    length = INVERSE.output_length(spectra.shape[1])
    convolver = sg.OverlapSaveConvolver(np.ones(16), len(samples))
    # Of the other feature of the set.
    rms = np.empty(FEATURES.output_shape(len(samples))["rms"], "float32")

    def batch(x, out):
        PLAN.compute_batch(x[np.newaxis], out=out)

    def both(x, out):
        FEATURES.compute(x, out={"power": out, "rms": rms})

    def batch_of_both(x, out):
        FEATURES.compute_batch(x[np.newaxis], out={"power": out, "rms": rms[np.newaxis]})

    def inverses(z, out):
        INVERSE.compute_batch(z[np.newaxis], out=out)

    def convolve(x, out):
        convolver.reset()
        convolver.process_block(x, out)

    return {
        "compute": (shape, "float32", samples, PLAN.compute),
        "compute_into": (shape, "float32", samples, PLAN.compute_into),
        "frame": ((20,), "float32", samples, lambda x, out: PLAN.compute_frame_into(x, 3, out)),
        "batch": ((1, *shape), "float32", samples, batch),
        "set": (power, "float32", samples, both),
        "set batch": ((1, *power), "float32", samples, batch_of_both),
        "istft": ((length,), "float64", spectra, INVERSE.compute),
        "istft batch": ((1, length), "float64", spectra, inverses),
        "convolver": ((len(samples),), "float64", samples, convolve),
    }


def during_conversion():
    """The output is reshaped, retyped, or flattened while samples are converted."""
    for shape, dtype, samples, call in calls().values():
        for change, value in (("shape", (1, -1)), ("shape", (-1, 1)), ("dtype", np.int8)):
            out = Output(shape, dtype)

            def act(array=out.array, change=change, value=value):
                setattr(array, change, value)

            with suppress(*DOCUMENTED):
                call(spiteful(samples, act), out.array)
            out.check()


def during_the_count_of_threads():
    """The output is flattened by the object that gives the number of threads."""
    for features in (False, True):
        out = Output((2, *PLAN.output_shape(16000)) if not features else (2, 129, 251))
        count = Spiteful(flattened(out.array))
        with suppress(*DOCUMENTED):
            if features:
                outs = {"power": out.array, "rms": np.empty((2, 1, 251), "float32")}
                FEATURES.compute_batch(np.stack([X, X]), out=outs, num_threads=count)
            else:
                PLAN.compute_batch(np.stack([X, X]), out=out.array, num_threads=count)
        out.check()


def by_a_signal_handler():
    """A signal handler flattens the output repeatedly."""
    out = Output((5000, *PLAN.output_shape(2)))
    shape = out.array.shape

    def flip(*_):
        out.array.shape = (1, out.array.size) if out.array.shape == shape else shape

    signal.signal(signal.SIGALRM, flip)
    signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)
    signals = np.zeros((5000, 2), "float32")
    for _ in range(50):
        with suppress(*DOCUMENTED):
            PLAN.compute_batch(signals, out=out.array, num_threads=1)
    signal.setitimer(signal.ITIMER_REAL, 0)
    out.check()


def by_a_warning():
    """A one-sample complex array loses its dimension while its warning is shown."""
    x = np.ones(1, complex)

    def hook(*_, **__):
        x.shape = ()

    warnings.simplefilter("always")
    warnings.showwarning = hook
    with suppress(*DOCUMENTED):
        PLAN.compute(x)


class Lies(np.ndarray):
    """An array that lies about itself."""

    shape = property(lambda self: (20, 251))
    size = property(lambda self: 16000)
    ndim = property(lambda self: 2)
    dtype = property(lambda self: np.dtype("float32"))
    strides = property(lambda self: (1004, 4))
    flags = property(lambda self: np.empty(1).flags)

    def __len__(self):
        return 16000

    def __array_finalize__(self, obj):
        pass


def that_lie():
    """Outputs that are smaller than they claim."""
    for _, _, samples, call in calls().values():
        out = Output((4,))
        before = out.memory.copy()
        try:
            call(samples, out.array.view(Lies))
        except DOCUMENTED:
            assert (out.memory == before).all()
        else:
            raise AssertionError("taken for an output")


def list_that_shrinks():
    """A list of signals from which the first removes the others, in every call that takes a list."""

    class Greedy:
        def __init__(self, signals):
            self.signals = signals

        def __array__(self, dtype=None, copy=None):
            self.signals.clear()
            return np.ones(2000)

    for compute in (PLAN.compute_batch, FEATURES.compute_batch, sg.frontend("whisper_openai").compute_batch):
        signals = []
        signals += [Greedy(signals), *[np.ones(2000) for _ in range(50)]]
        assert len(compute(signals)) in (51, 2)


# --- another thread -----------------------------------------------------------------------------------------


def by_another_thread():
    """A thread reshapes inputs and outputs back and forth while calls examine them."""
    sys.setswitchinterval(1e-6)
    x, image, z = X[:300].copy(), np.ones((30, 40)), Z[:, :3].copy()
    stream, mdct, whisper = PLAN.stream(), sg.MdctParams.sine_window(64), sg.frontend("whisper_openai")
    work = {
        "fft": lambda: sg.compute_fft(x),
        "irfft": lambda: sg.compute_irfft(z[:, 0], 256),
        "convolve": lambda: sg.fft_convolve(x, x),
        "mdct": lambda: sg.mdct(x, mdct),
        "filter": lambda: sg.highpass_filter(image, 0.3),
        "convolve 2d": lambda: sg.convolve_fft(image, image),
        "ifft2d": lambda: sg.ifft2d(z, 4),
        "minimum phase": lambda: sg.minimum_phase(x),
        "channels": lambda: sg.compute_stft_multichannel([x, x], PARAMS),
        "istft": lambda: sg.compute_istft(z, 256, 64, "hann"),
        "frontend": lambda: whisper.compute(x),
        "decibels": lambda: sg.power_to_db(image, ref=np.max),
        "stream": lambda: stream.push(x),
        "convolver": lambda: sg.OverlapSaveConvolver(x, 64).process(x),
        "list": lambda: PLAN.compute_batch([x, x]),
    }
    arrays, outs = [(each, each.shape) for each in (x, image, z)], []
    for name, (shape, dtype, samples, call) in calls(x, z).items():
        outs.append(Output(shape, dtype))
        arrays.append((outs[-1].array, shape))
        # A list, so that some time passes between the check of the output and the work.
        for way, given in (("", samples), (" of a list", samples.tolist())):
            if way == "" or "batch" not in name:
                work[f"{name} into{way}"] = lambda c=call, g=given, o=outs[-1].array: c(g, o)
    # As in `chance`, which a program of its own does not find.
    seconds = 0.3 if os.environ.get("THOROUGH") else 0.1
    stop = threading.Event()

    def toggle():
        while not stop.is_set():
            for array, shape in arrays:
                # The interpreter switches threads at the start of an iteration.
                for each in ((1, array.size), shape):
                    array.shape = each

    other = threading.Thread(target=toggle)
    other.start()
    try:
        for call in work.values():
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                with suppress(*DOCUMENTED):
                    call()
    finally:
        stop.set()
        other.join()
    for out in outs:
        out.check()


SCENARIOS = [
    during_conversion,
    during_the_count_of_threads,
    by_a_signal_handler,
    by_a_warning,
    that_lie,
    list_that_shrinks,
    by_another_thread,
]

if __name__ == "__main__":
    next(each for each in SCENARIOS if each.__name__ == sys.argv[1])()
    print("well")
