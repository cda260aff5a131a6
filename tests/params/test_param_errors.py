"""Parameter classes: values that are refused, and the texts that say so."""

import numpy as np
import pytest

from spectrograms import params
from spectrograms.errors import InvalidInputError
from spectrograms.params import (
    ChromaParams,
    CqtParams,
    ErbParams,
    ILDSpectrogramParams,
    ILRSpectrogramParams,
    IPDSpectrogramParams,
    ITDSpectrogramParams,
    LogHzParams,
    LogParams,
    MdctParams,
    MelNorm,
    MelParams,
    MfccParams,
    SpectrogramParams,
    StftParams,
    WindowType,
)

from ..support.together import together

HANN = WindowType.hanning
STFT = StftParams(512, 160, HANN)
SPEC = SpectrogramParams(STFT, 16000)
INF = float("inf")
NAN = float("nan")

INVALID = {
    "invalid zero value: n_fft must be >= 1, got 0": lambda: StftParams(0, 1, HANN),
    "invalid zero value: hop_size must be >= 1, got 0": lambda: StftParams(512, 0, HANN),
    "invalid zero value: win_length must be >= 1, got 0": lambda: StftParams(512, 1, HANN, win_length=0),
    "hop_size must be <= n_fft=512, got 1024": lambda: StftParams(512, 1024, HANN),
    "win_length must be <= n_fft=512, got 513": lambda: StftParams(512, 1, HANN, win_length=513),
    "Custom window size (5) must match n_fft (4)": lambda: StftParams(4, 1, np.ones(5)),
    "Custom window size (4) must match win_length (3)": lambda: StftParams(4, 1, np.ones(4), win_length=3),
    "pad_mode must be one of 'zeros', 'reflect', 'edge', got 'wrap'": lambda: StftParams(
        4, 1, HANN, pad_mode="wrap"
    ),
    "got 'pentagon'": lambda: StftParams(4, 1, "pentagon"),
    "got 'kaiser'": lambda: StftParams(4, 1, "kaiser"),
    "got 'kaiser=x'": lambda: StftParams(4, 1, "kaiser=x"),
    "got 'hann=3'": lambda: StftParams(4, 1, "hann=3"),
    "sample_rate_hz must be finite and > 0, got 0": lambda: SpectrogramParams(STFT, 0),
    "sample_rate_hz must be finite and > 0, got -1": lambda: SpectrogramParams.speech_default(-1),
    "sample_rate_hz must be finite and > 0, got inf": lambda: SpectrogramParams.music_default(INF),
    "sample_rate_hz must be finite and > 0, got NaN": lambda: MelParams.standard(NAN),
    "floor_db must be finite, got NaN": lambda: LogParams(NAN),
    "floor_db must be finite, got -inf": lambda: LogParams(-INF),
    "invalid zero value: n_mels must be >= 1, got 0": lambda: MelParams(0, 0, 1),
    "f_min must be >= 0, got -1": lambda: MelParams(10, -1, 1),
    "f_min must be >= 0, got NaN": lambda: MelParams(10, NAN, 1),
    "f_max must be > f_min=5, got 5": lambda: MelParams(10, 5, 5),
    "f_max must be > f_min=0, got NaN": lambda: MelParams(10, 0, NAN),
    "f_max must be > f_min=inf, got inf": lambda: MelParams(10, INF, INF),
    "Invalid norm string: 'x'. Must be one of: 'none', 'slaney', 'l1', 'l2'": lambda: MelParams(9, 0, 1, "x"),
    "formula must be one of 'slaney', 'htk', got 'kaldi'": lambda: MelParams(10, 0, 1, formula="kaldi"),
    "invalid zero value: n_filters must be >= 1, got 0": lambda: ErbParams(0, 0, 1),
    "n_filters must be >= 2 (single filter would cause division by zero), got 1": lambda: ErbParams(1, 0, 1),
    "f_min must be finite and >= 0, got -1": lambda: ErbParams(2, -1, 1),
    "f_min must be finite and >= 0, got NaN": lambda: ErbParams(2, NAN, 1),
    "f_max must be > f_min=1, got NaN": lambda: ErbParams(2, 1, NAN),
    "spacing must be one of 'linear', 'erb_rate', 'apple_tr35', got 'mel'": lambda: ErbParams(
        2, 0, 1, spacing="mel"
    ),
    "db_floor must be finite, got inf": lambda: ErbParams(2, 0, 1, db_floor=INF),
    "invalid zero value: n_bins must be >= 1, got 0": lambda: LogHzParams(0, 1, 2),
    "f_min must be finite and > 0, got 0": lambda: LogHzParams(10, 0, 2),
    "f_min must be finite and > 0, got NaN": lambda: LogHzParams(10, NAN, 2),
    "f_max must be > f_min=3, got 2": lambda: LogHzParams(10, 3, 2),
    "f_max must be > f_min=3, got NaN": lambda: LogHzParams(10, 3, NAN),
    "invalid zero value: bins_per_octave must be >= 1, got 0": lambda: CqtParams(0, 1, 1),
    "invalid zero value: n_octaves must be >= 1, got 0": lambda: CqtParams(1, 0, 1),
    "f_min must be finite and > 0, got inf": lambda: CqtParams(1, 1, INF),
    "f_min must be finite and > 0, got -2": lambda: CqtParams(1, 1, -2),
    "align must be one of 'end', 'centre', got 'start'": lambda: CqtParams(1, 1, 1, align="start"),
    "q_factor must be finite and > 0, got NaN": lambda: CqtParams(1, 1, 1, q_factor=NAN),
    "window of a CQT must exist at every length, got Custom(n=2)": lambda: CqtParams(1, 1, 1, window=[1, 2]),
    "sparsity must be a number, got NaN": lambda: CqtParams(1, 1, 1, sparsity=NAN),
    "tuning must be finite and > 0, got 0": lambda: ChromaParams(0),
    "tuning must be finite and > 0, got inf": lambda: ChromaParams(INF),
    "f_min must be finite and > 0, got -3": lambda: ChromaParams(440, -3),
    "f_max must be > f_min=10, got 5": lambda: ChromaParams(440, 10, 5),
    "f_max must be > f_min=10, got NaN": lambda: ChromaParams(440, 10, NAN),
    "Invalid norm string: 'x'. Must be one of: 'none', 'l1', 'l2', 'max'": lambda: ChromaParams(norm="x"),
    "n_mfcc must be a positive integer, got 0": lambda: MfccParams(0),
    "dct_norm must be one of 'ortho', got 'scipy'": lambda: MfccParams(dct_norm="scipy"),
    "window_size must be > 0, got 0": lambda: MdctParams(0, 0, HANN),
    "hop_size must be > 0, got 0": lambda: MdctParams(7, 0, HANN),
    "Invalid input: window_size must be even, got 7": lambda: MdctParams(7, 1, HANN),
    "Invalid input: window_size must be >= 4, got 2": lambda: MdctParams(2, 1, HANN),
    "Custom window size (5) must match window_size (64)": lambda: MdctParams(64, 1, np.ones(5)),
    "window_size must be even, got 9": lambda: MdctParams.sine_window(9),
    "window_size must be >= 4, got 2": lambda: MdctParams.sine_window(2),
    "\"type\" must be one of BarkParams, ChromaCqtParams": lambda: params.from_dict({"type": "Nothing"}),
    "\"type\" must be one of": lambda: params.from_dict({}),
    "\"type\" must be 'LogParams', got 'MelParams'": lambda: LogParams.from_dict({"type": "MelParams"}),
    "\"type\" must be 'WindowType', got 'MelParams'": lambda: WindowType.from_dict({"type": "MelParams"}),
    "unknown window 'pentagon' with {}": lambda: WindowType.from_dict(
        {"type": "WindowType", "name": "pentagon"}
    ),
    "unknown window 'hanning' with {'beta': 1.0}": lambda: WindowType.from_dict(
        {"type": "WindowType", "name": "hanning", "beta": 1.0}
    ),
}  # fmt: skip


@together("message", INVALID)
def test_values_out_of_range(message):
    with pytest.raises(InvalidInputError) as caught:
        INVALID[message]()
    assert message in str(caught.value)


@together("kind", [ITDSpectrogramParams, IPDSpectrogramParams, ILDSpectrogramParams, ILRSpectrogramParams])
@together(
    ("start", "end", "message"),
    [
        (0, 3, "Invalid input: Start and end frequencies must be positive."),
        (3, -1, "Invalid input: Start and end frequencies must be positive."),
        (NAN, 600, "Invalid input: Start and end frequencies must be positive."),
        (50, NAN, "Invalid input: Start and end frequencies must be positive."),
        (3, 2, "Invalid input: Start frequency must be less than end frequency."),
        (3, 3, "Invalid input: Start frequency must be less than end frequency."),
        (3, 8000.5, "Invalid input: End frequency must be less than Nyquist frequency. Got start_freq=3, "),
    ],
)
def test_binaural_band(kind, start, end, message):
    assert kind(SPEC, 3, 8000).end_freq == 8000.0
    with pytest.raises(InvalidInputError) as caught:
        kind(SPEC, start, end)
    assert str(caught.value).startswith(message)


WRONG_TYPE = {
    "'float' object cannot be interpreted as an integer: n_fft must be an integer": lambda: StftParams(
        512.0, 1, HANN
    ),
    "'NoneType' object cannot be interpreted as an integer: n_mfcc": lambda: MfccParams(None),
    "'str' object cannot be interpreted as an integer: n_mels": lambda: MelParams("3", 0, 1),
    "'int' object is not an instance of 'bool': centre": lambda: StftParams(512, 1, HANN, 1),
    "'None' is not an instance of 'bool': center": lambda: StftParams(512, 1, HANN, center=None),
    "two spellings": lambda: StftParams(512, 1, HANN, True, center=True),
    "'int' object is not an instance of 'str': pad_mode": lambda: StftParams(512, 1, HANN, pad_mode=1),
    "'int' object is not an instance of 'bool': periodic": lambda: StftParams(512, 1, HANN, periodic=1),
    "'int' object is not an instance of 'WindowType': window": lambda: StftParams(512, 1, 3),
    "'None' is not an instance of 'WindowType': window": lambda: StftParams(512, 1, None),
    "coefficients must be one-dimensional, got 2": lambda: StftParams(512, 1, np.ones((2, 2))),
    "missing 1 required positional argument: 'window'": lambda: StftParams(512, 160),
    "unexpected keyword argument 'foo'": lambda: StftParams(512, 160, HANN, foo=1),
    "'int' object is not an instance of 'StftParams': stft": lambda: SpectrogramParams(1, 2),
    "must be real number, not str: sample_rate": lambda: SpectrogramParams(STFT, "16000"),
    "must be real number, not NoneType: floor_db": lambda: LogParams(None),
    "missing 1 required positional argument: 'floor_db'": lambda: LogParams(),
    "must be real number, not complex: f_min": lambda: MelParams(10, 1j, 2),
    "norm must be a MelNorm enum, a string, or None, got 3": lambda: MelParams(10, 0, 1, 3),
    "norm must be a ChromaNorm enum, a string, or None, got MelNorm.L1": lambda: ChromaParams(
        norm=MelNorm.l1
    ),
    "'StftParams' object is not an instance of 'SpectrogramParams'": lambda: ITDSpectrogramParams(STFT),
    "must be real number, not str: start_freq": lambda: IPDSpectrogramParams(SPEC, "a"),
    "'int' object is not an instance of 'bool': wrapped": lambda: IPDSpectrogramParams(SPEC, wrapped=1),
    "magphase_power must be an integer": lambda: ITDSpectrogramParams(SPEC, magphase_power=1.5),
    "takes 4 positional arguments": lambda: ErbParams(10, 0, 1, "linear"),
    "argument 'f_maximum'": lambda: MelParams.from_dict({"type": "MelParams", "n_mels": 1, "f_maximum": 1}),
}  # fmt: skip


@together("message", WRONG_TYPE)
def test_wrong_types(message):
    with pytest.raises(TypeError) as caught:
        WRONG_TYPE[message]()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: StftParams(-1, 1, HANN),
            "can't convert negative int to unsigned: n_fft must be >= 0, got -1",
        ),
        (lambda: StftParams(2**64, 1, HANN), "int too big to convert: n_fft must be < 2\\*\\*64"),
        (lambda: MelParams(10, 0, 10**400), "int too large to convert to float: f_max"),
        (lambda: ITDSpectrogramParams(SPEC, magphase_power=-1), "magphase_power must be >= 0"),
        (lambda: MfccParams(lifter=-1), "lifter must be >= 0"),
    ],
)
def test_overflow(call, message):
    with pytest.raises(OverflowError, match=message):
        call()


def test_arguments_are_converted_in_order():
    with pytest.raises(InvalidInputError, match="n_fft"):
        StftParams(0, -1, 3)
    with pytest.raises(InvalidInputError, match="norm"):
        MelParams(10, 5, -1, "x")
    with pytest.raises(InvalidInputError, match="hop_size"):
        StftParams(512, 1024, np.ones(5))
