"""The twenty-one spectrograms by scale and amplitude, for tests of what they have in common."""

from itertools import product

import numpy as np

import spectrograms as sg
from spectrograms.features.descriptors import NAMES

from . import definition

# Scale -> class of its parameters, values for 8 kHz, prefix of its plan classes, weights by definition.
SCALES = {
    "linear": (None, (), "Linear", None),
    "mel": (sg.MelParams, (10, 100.0, 4000.0), "Mel", definition.mel_bank),
    "erb": (sg.ErbParams, (8, 100.0, 4000.0), "Erb", definition.erb_bank),
    "bark": (sg.BarkParams, (10, 100.0, 4000.0), "Bark", definition.bark_bank),
    "loghz": (sg.LogHzParams, (12, 100.0, 4000.0), "LogHz", definition.loghz_bank),
    "octave": (sg.OctaveParams, (3, 200.0, 3000.0), "Octave", definition.octave_bank),
    "cqt": (sg.CqtParams, (6, 1, 1100.0), "Cqt", None),
}
AMPLITUDES = ("power", "magnitude", "db")
KINDS = list(product(SCALES, AMPLITUDES))
DTYPES = ("float64", "float32")
RATE = 8000.0


def parameters(n_fft=64, hop=16, window="hann", **options):
    """Return SpectrogramParams at 8 kHz."""
    return sg.SpectrogramParams(sg.StftParams(n_fft, hop, window, **options), RATE)


def scale_params(scale):
    """Return the parameter object of a scale, or None."""
    cls, values, *_ = SCALES[scale]
    return cls(*values) if cls else None


def plan(scale, amplitude, dtype="float64", params=None, db=None):
    """Return a plan of one of the twenty-one kinds, made by the planner."""
    arguments = [params or parameters()]
    if scale != "linear":
        arguments.append(scale_params(scale))
    if amplitude == "db":
        arguments.append(db)
    return getattr(sg.SpectrogramPlanner(), f"{scale}_{amplitude}_plan")(*arguments, dtype=dtype)


def every_plan(dtype, params=None):
    """Return one plan of each of the twenty-one kinds, and one of every other that takes samples."""
    params = params or parameters()
    stft, rate = params.stft, params.sample_rate
    return [
        *(plan(*kind, dtype, params) for kind in KINDS),
        sg.StftPlan(params, dtype),
        sg.CqtPlan(sg.CqtParams(6, 2, rate / 40, method="multirate"), rate, stft.hop_size, dtype),
        sg.MfccPlan(stft, rate, 10, sg.MfccParams(5), dtype),
        sg.ChromaPlan(stft, rate, sg.ChromaParams(), dtype),
        sg.TonnetzPlan(stft, rate, sg.ChromaParams(), dtype),
        sg.LfccPlan(stft, rate, sg.LfccParams(5, 8), dtype),
        sg.CepstrumPlan(stft, rate, dtype),
        sg.ReassignedPlan(stft, rate, dtype),
        *plans_of_bands(stft, rate, dtype),
        *(sg.DescriptorPlan(stft, rate, name, dtype) for name in NAMES),
    ]


def plans_of_bands(stft, rate, dtype):
    """Two plans that need bins in every band, or, of short frames, two others in their place."""
    if stft.n_fft < 64:
        return [
            sg.ChromaPlan(stft, rate, sg.ChromaParams(), dtype),
            sg.DescriptorPlan(stft, rate, "rms", dtype),
        ]
    return [
        sg.ChromaPlan(stft, rate, sg.ChromaStftParams(18), dtype),
        sg.ContrastPlan(stft, rate, sg.ContrastParams(rate / 8, 2), dtype),
    ]


def function(scale, amplitude):
    """Return ``compute(samples, params, db=None, dtype="float64")`` of one of the twenty-one kinds."""
    compute = getattr(sg, f"compute_{scale}_{amplitude}_spectrogram")

    def call(samples, params, db=None, dtype="float64"):
        banks = () if scale == "linear" else (scale_params(scale),)
        return compute(samples, params, *banks, db, dtype)

    return call


def tones(n=1000):
    """Return the two sines of the reference values."""
    i = np.arange(n)
    return np.sin(0.3 * i) + 0.25 * np.sin(1.1 * i + 0.5)


def noise(n, seed=0, scale=1.0):
    """Return `n` normally distributed float64 values."""
    return scale * np.random.default_rng(seed).standard_normal(n)
