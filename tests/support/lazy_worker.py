"""Run by test_lazy.py in a process of its own: public operations while something they need is made late.

Whatever is made on first use comes from a cached function or from the planner of FFTs. One of them at a time
is replaced by one that keeps nothing, takes longer from call to call and watches what it gives away: as long
as threads are at work, what one of them got may be dropped by that thread alone. Were it kept in an object
that they share, the next thread would replace it, and a computation might be reading it.
"""

import functools
import importlib
import pkgutil
import threading
import time
import weakref
from contextlib import contextmanager

import numpy as np

import spectrograms as sg
from spectrograms._engine.fourier import fft
from spectrograms.features.spatial import binaural

N_THREADS = 4
DELAY = 0.001

RNG = np.random.default_rng(0)
X = RNG.standard_normal(3000)
IMAGE = RNG.standard_normal((24, 36))
STFT = sg.StftParams(256, 64, "hann")
PARAMS = sg.SpectrogramParams(STFT, 8000.0)
FILTERS = sg.ErbParams(8, 50.0, 3000.0)
MEL = sg.MelParams(20, 0.0, 4000.0)
COEFFICIENTS = RNG.standard_normal((32, 20))
MATRIX = RNG.standard_normal((129, 9)) + 1j * RNG.standard_normal((129, 9))
CLIPS = [X[:900], X, X[:1700]]


def operations():
    """The public operations by name, each without arguments; what several threads share is made here."""
    plan = sg.SpectrogramPlan(PARAMS, MEL, "db")
    features = sg.FeatureSet(STFT, 8000.0, {"mel": MEL, "mfcc": sg.MfccParams(13), "rms": "rms"})
    whisper = sg.frontend("whisper_openai")
    kaldi = sg.frontend("kaldi_fbank", sample_rate=8000)
    ffts, images = sg.FftPlanner(), sg.Fft2dPlanner()
    mdct = sg.MdctParams.sine_window(64)

    def stream(of):
        running = of.stream()
        return [running.push(X[:1000]), running.push(X[1000:]), running.flush()]

    def convolver():
        running = sg.OverlapSaveConvolver(X[:50], 64)
        return [running.process(X[:500]), running.flush()]

    return {
        "compute": lambda: plan.compute(X),
        "compute into": lambda: plan.compute(X, out=np.empty(plan.output_shape(len(X)))),
        "frame": lambda: plan.compute_frame(X, 3),
        "batch": lambda: list(plan.compute_batch(CLIPS, num_threads=2)),
        "array": lambda: plan.compute_batch(np.stack([X, X]), num_threads=2),
        "long": lambda: plan.compute(np.tile(X, 40)),
        "stream": lambda: stream(plan),
        "axes": lambda: [plan.frequencies, plan.times(3000), plan.compute(X).frequencies],
        "set": lambda: list(features.compute(X).values()),
        "one-shot": lambda: sg.compute_mel_db_spectrogram(X, PARAMS, MEL),
        "stft": lambda: sg.compute_stft(X, PARAMS),
        "istft": lambda: sg.compute_istft(MATRIX, 256, 64, "hann"),
        "channels": lambda: sg.compute_stft_multichannel(np.stack([X, X]), PARAMS),
        "griffin-lim": lambda: sg.griffin_lim(np.abs(MATRIX), PARAMS, n_iter=2, seed=0),
        "mfcc": lambda: sg.compute_mfcc(X, STFT, 8000.0, 20, sg.MfccParams(13)),
        "chroma": lambda: sg.compute_chromagram(X, STFT, 8000.0, sg.ChromaParams()),
        "cqt": lambda: sg.cqt(X, 8000.0, sg.CqtParams(12, 2, 500.0), 500),
        "gammatone": lambda: sg.gammatone_iir_spectrogram(X, 8000.0, 200, 100, FILTERS)[0],
        "binaural": lambda: binaural.compute_ild_spectrogram(
            [X, X[::-1]], sg.ILDSpectrogramParams(PARAMS, 300.0, 3000.0)
        ),
        "modulation": lambda: sg.compute_stmtf(plan.compute(X)),
        "fft": lambda: sg.compute_fft(X),
        "irfft": lambda: sg.compute_irfft(MATRIX[:, 0], 256),
        "power": lambda: sg.compute_power_spectrum(X, 4096, "hann"),
        "fft planner": lambda: ffts.irfft(ffts.fft(X), len(X)),
        "convolve": lambda: sg.fft_convolve(X, X[:77]),
        "deconvolve": lambda: sg.fft_deconvolve(X, X[:77], 1e-3),
        "minimum phase": lambda: sg.minimum_phase(X[:100]),
        "convolver": convolver,
        "mdct": lambda: sg.mdct(X, mdct),
        "imdct": lambda: sg.imdct(COEFFICIENTS, mdct),
        "fft2d": lambda: sg.fft2d(IMAGE),
        "power 2d": lambda: sg.power_spectrum_2d(IMAGE),
        "there and back": lambda: sg.compute_fft2d(IMAGE).inverse(),
        "image planner": lambda: images.ifft2d(images.fft2d(IMAGE), 36),
        "convolve 2d": lambda: sg.convolve_fft(IMAGE, sg.gaussian_kernel_2d(5, 1.0)),
        "filter": lambda: sg.highpass_filter(IMAGE, 0.3),
        "sharpen": lambda: sg.sharpen_fft(IMAGE, 0.5),
        "whisper": lambda: whisper.compute(X),
        "kaldi": lambda: [*kaldi.compute_batch(CLIPS, num_threads=2), *stream(kaldi)],
        "new frontend": lambda: sg.frontend("librosa_melspectrogram").compute(X),
    }


def makers():
    """Every cached function of the package, and the one that makes FFT plans: name -> function."""
    found = {"spectrograms._engine.fourier.fft._make": fft._make}
    for module in modules():
        for name, value in vars(module).items():
            if isinstance(value, functools._lru_cache_wrapper) and value not in found.values():
                found[f"{module.__name__}.{name}"] = value
    return found


def modules():
    """All modules of the package except those for other libraries and the command line."""
    names = [each.name for each in pkgutil.walk_packages(sg.__path__, "spectrograms.")]
    libraries = (".torch", ".jax", ".transformers", ".faster_whisper", ".lhotse", ".sklearn", ".integrations")
    left_out = (*libraries, ".cli", ".__main__", ".corpus")
    return [importlib.import_module(name) for name in names if not any(part in name for part in left_out)]


class Watch:
    """Makes things late, and records who drops them."""

    def __init__(self, make):
        self.make = getattr(make, "__wrapped__", make)
        self.lock = threading.Lock()
        self.kept = []  # weak references
        self.running = set()  # threads of the current operation
        self.calls = 0
        self.stolen = 0

    def __call__(self, *args, **options):
        with self.lock:
            self.calls += 1
            late = self.calls % N_THREADS
        time.sleep(DELAY * late)
        made = self.make(*args, **options)
        owner = threading.get_ident()
        try:
            self.kept.append(weakref.ref(made, lambda _: self.dropped(owner)))
        except TypeError:
            if type(made).__module__.startswith("spectrograms._engine"):
                made = self.watched(made, owner, args, options)
        return made

    def watched(self, made, owner, args, options):
        """The same value as an object of a subclass that reports its end, where a subclass is possible."""
        watch = self

        def __del__(self):
            watch.dropped(owner)

        try:
            return type("Watched", (type(made),), {"__del__": __del__})(*args, **options)
        except TypeError:
            return made

    def dropped(self, owner):
        if owner in self.running and threading.get_ident() != owner:
            self.stolen += 1


@contextmanager
def planted(maker, watch):
    """Replace a maker by `watch`, wherever it is known by name."""
    places = [
        (module, name) for module in modules() for name, value in vars(module).items() if value is maker
    ]
    for module, name in places:
        setattr(module, name, watch)
    try:
        yield
    finally:
        for module, name in places:
            setattr(module, name, maker)


def in_threads(work, watch):
    results, gate = [None] * N_THREADS, threading.Barrier(N_THREADS)

    def run(i):
        gate.wait()
        watch.running.add(threading.get_ident())
        results[i] = work()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(N_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    watch.running.clear()
    return results


def as_bytes(found):
    if isinstance(found, list | tuple):
        return b"".join(as_bytes(each) for each in found)
    return np.asarray(found).tobytes()


def clear(everything):
    """Clear all caches."""
    for each in everything.values():
        getattr(each, "cache_clear", int)()
    sg.clear_fft_plan_cache()


def main():
    everything = makers()
    expected = {name: as_bytes(work()) for name, work in operations().items()}
    for name, maker in everything.items():
        clear(everything)
        watch = Watch(maker)
        with planted(maker, watch):
            wrong = run_all(watch, expected)
        print(f"{name}: {watch.calls} calls, {', '.join(wrong) or 'all well'}", flush=True)
    # And while another thread keeps clearing them.
    done = threading.Event()

    def clear_on():
        while not done.wait(0.0003):
            clear(everything)

    other = threading.Thread(target=clear_on)
    other.start()
    wrong = run_all(Watch(len), expected)
    done.set()
    other.join()
    print(f"while all is cleared: 1 calls, {', '.join(wrong) or 'all well'}", flush=True)


def run_all(watch, expected):
    """Run every operation on several threads; return those with other results or that lost an object."""
    wrong = []
    for operation, work in operations().items():
        before = watch.stolen
        found = {as_bytes(result) for result in in_threads(work, watch)}
        if found != {expected[operation]} or watch.stolen != before:
            wrong.append(operation)
    return wrong


if __name__ == "__main__":
    main()
