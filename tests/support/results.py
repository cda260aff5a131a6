"""Results with an info of their own, for tests of what all results have in common."""

import numpy as np

from spectrograms._engine.results.frame_results import Spectrogram, StftResult

DTYPES = ("float32", "float64", "complex64", "complex128")
FORMATS = dict(zip(DTYPES, ("f", "d", "Zf", "Zd"), strict=True))


class Info:
    """What a plan gives to its results."""

    params = "the parameters"
    scale = "mel"
    unit = "1"

    def __init__(self, amplitude="power", n_bins=3, sample_rate=16000.0, hop_size=160):
        self.amplitude = amplitude
        self.sample_rate = sample_rate
        self.hop_size = hop_size
        self.frequencies = np.arange(n_bins) * 31.25

    def times(self, n_frames):
        return np.arange(n_frames) * (self.hop_size / self.sample_rate)

    def to_dict(self):
        names = ("amplitude", "sample_rate", "hop_size")
        return {"type": "test info", "n_bins": self.frequencies.size} | {n: getattr(self, n) for n in names}

    def check_result(self, kind, shape, dtype):
        """Anything will do here: `tests/engine/test_storage.py` has what is refused."""

    def __eq__(self, other):
        return self.to_dict() == other.to_dict()

    __hash__ = None

    @classmethod
    def from_dict(cls, description):
        return cls(**{name: value for name, value in description.items() if name != "type"})


class Special(Spectrogram):
    """A subclass pickles under its own name."""

    __slots__ = ()
    _extra_names = ("weights",)


class PlainStft(StftResult):
    __slots__ = ()


def values(dtype="float64", shape=(3, 5)):
    """Numbers in every bit pattern class: NaN with a payload, infinities, zeros of both signs, subnormals."""
    rng = np.random.default_rng(0)
    real = np.dtype(dtype).type(0).real.dtype
    numbers = rng.standard_normal(np.prod(shape) * (2 if dtype.startswith("c") else 1)).astype(real)
    numbers[:5] = [np.nan, np.inf, -np.inf, -0.0, np.finfo(real).smallest_subnormal]
    numbers[5:6].view(np.uint32)[0] = 0x7FC00123
    return numbers.view(dtype).reshape(shape)


def spectrogram(amplitude="power", data=None, **info):
    data = np.arange(15.0).reshape(3, 5) if data is None else np.asarray(data)
    return Spectrogram._from_array(data, Info(amplitude, len(data), **info))


def same_bits(left, right):
    left, right = np.asarray(left), np.asarray(right)
    return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
