"""Chooses the pool of an argument by its name, its annotation or its default."""

import inspect
import re

import values
from values import flag, real, whole, word

import spectrograms as sg

AMPLITUDES = ("'power'", "'magnitude'", "'db'")
WINDOWS = (
    "'hann'",
    "'hann'",
    "'hamming'",
    "'blackman'",
    "'rectangular'",
    "sg.WindowType.kaiser(8.6)",
    "sg.WindowType.gaussian(12.0)",
    "sg.WindowType.custom(noise(64, seed=1) ** 2)",
)
ODD_WINDOWS = (
    *values.WRONG_WORD,
    "np.ones(64)",
    "np.ones(63)",
    "np.zeros(64)",
    "noise(64)",
    "frozen(np.ones(64, 'f4'))",
    "Dlpack(np.ones(64))",
    "Arrayish(np.ones(64))",
    "objects(np.ones(64), Floats())",
    "np.ones((8, 8))",
    "filled(np.ones(64), nan, 4)",
    "sg.WindowType.kaiser(nan)",
    "sg.WindowType.kaiser(-1e300)",
    "sg.WindowType.gaussian(1e-300)",
    "np.ones(64, 'c16')",
    "'kaiser'",
    "'kaiser:8'",
    "'gaussian=3'",
    "[0.5] * 64",
    "('kaiser', 8.0)",
    "np.ones(64, '?')",
    "np.ones(64, '>f8')",
)
N_FFT = whole(64, 64, 64, 64, 100, 33, 128, 256, edge=(0, 1, 2, 3, 5, -1, 509, 1024, 4099))
HOP = whole(16, 16, 16, 10, 1, 64, 100, 160, edge=(0, 1, 2, -1, 1000, 5000))
RATE = real(8000, 8000, 8000.0, 16000, 44100, edge=(0, 1, 1e-3, -8000, 999, 2, 1e9, 8000.5))
COUNT = whole(1, 2, 4, 8, 10, 12, 20)
HERTZ = real(0.0, 50.0, 100, 300.0, 1000, 3000, 4000.0, edge=(0, -1.0, 4000.1, 22050, 1e-9))
LEVEL = real(-80.0, -60, 80.0, 0.0, edge=(-400, 400, 1e-12))
FRACTION = real(0.1, 0.25, 0.3, 0.5, 0.9, edge=(0, 1, -0.1, 1.1, 2))
SMALL = real(1e-10, 1e-5, 1.0, 0.5, 2.0, edge=(0, -1, 1e-300))
LENGTH = whole(1000, 500, 64, 1, edge=(0, -1, 10, 100_001))


def optional(pool):
    """The same pool with None thrown in often."""
    return lambda draw: "None" if draw.chance(0.5) else pool(draw)


def _frontend_name(draw):
    return draw.pick([repr(name) for name in sg.frontends()], ("'kaldi'", "'Whisper'", *values.WRONG_WORD))


def _range(draw):
    return draw.pick(("None", "(0.0, 1.0)", "(-1, 1)"), ("(1, 0)", "(nan, 1)", "(0,)", "5", "(0, 0)", "'ab'"))


def _features(draw):
    names = (
        "'power'",
        "'db'",
        "'rms'",
        "'centroid'",
        "'zcr'",
        "'flatness'",
        "'rolloff'",
        "'bandwidth'",
        "sg.MelParams(10, 0.0, 4000.0)",
        "(sg.MelParams(10, 0.0, 4000.0), 'db')",
        "sg.MfccParams(5)",
        "(sg.MfccParams(5), 20)",
        "sg.ChromaParams()",
        "sg.CqtParams(6, 3, 300.0)",
        "(sg.ErbParams(8, 100.0, 4000.0), 'db', sg.LogParams(-60.0))",
    )
    odd = (
        *values.ANYTHING,
        "('power', 'db')",
        "(sg.MelParams(10, 0.0, 4000.0), 3)",
        "()",
        "(sg.MfccParams(5), 0)",
    )
    count = int(draw.pick((1, 2, 3, 4), (0, 33)))
    return "{" + ", ".join(f"'f{i}': {draw.pick(names, odd)}" for i in range(count)) + "}"


def _sound(draw):
    kind = draw.one(
        ("WAV", "WAV", "WAV", "plain", "FLAC", "OGG", "AIFF", "AU", "CAF", "W64", "mp3", "VOC", "RF64")
    )
    count, channels = draw.one((1, 2, 40, 400, 3000)), draw.one((1, 1, 2, 5))
    if kind == "mp3":
        text = f"mp3({count}, {draw.one((8000, 16000, 44100))}, {min(channels, 2)}, {draw.chance(0.7)})"
    elif kind == "plain":
        text, kind = f"plain_wave({draw.number(10**6)})", "WAV"
    else:
        rate = draw.one((8000, 16000, 44100))
        subtype = draw.one(("None", "'PCM_16'", "'FLOAT'", "'GSM610'", "'ULAW'")) if kind == "WAV" else "None"
        if "GSM" in subtype:
            channels = 1
        text = (
            f"wave({count}, {rate}, {channels if kind != 'VOC' else min(channels, 2)}, {kind!r}, {subtype})"
        )
    if draw.chance(0.7):
        text = f"garbled({text}, {draw.number()}, {draw.one((1, 2, 8))})"
    suffix = draw.pick((f".{kind.lower()}",), (".wav", ".raw", ".txt", ".mp3", ""))
    form = draw.one(("write({}, {!r})", "write({}, {!r})", "{}", "io.BytesIO({})"))
    return draw.pick(
        (form.format(text, suffix),),
        ("'/dev/null'", "'/'", "''", "'nothing.wav'", "'a\\0b'", *values.ANYTHING),
    )


def _pcm(draw):
    form = draw.one(
        ("{}", "{}.tobytes()", "bytearray({}.tobytes())", "memoryview({}.tobytes())", "{}.tobytes()[:-1]")
    )
    dtype = draw.one(("i2", "i2", "i4", "u1", "i1", ">i2", "u2", "f4", "i8"))
    return draw.pick((form.format(f"noise({draw.one(values.LENGTHS)}, dtype={dtype!r})"),), values.ANYTHING)


#: name of an argument -> its pool.
POOLS = {
    "S": values.MAGNITUDES,
    "S_db": values.MAGNITUDES,
    "a": values.SIGNAL,
    "align": word("'end'", "'centre'"),
    "amin": SMALL,
    "amount": FRACTION,
    "amplitude": word(*AMPLITUDES),
    "arr": values.SIGNAL,
    "audio": values.PAIR,
    "axis": whole(-1, -1, 0, 1, edge=(2, -2, 5)),
    "b": values.SIGNAL,
    "beta": SMALL,
    "bias": SMALL,
    "bins_per_octave": whole(6, 12, 3, edge=(0, 1, 24)),
    "block": whole(32, 64, 100, 1),
    "center": flag,
    "centre": flag,
    "channels": optional(whole(1, 2, 3)),
    "chunk": values.SIGNAL,
    "clip": flag,
    "fill_nan": flag,
    "ref_power": SMALL,
    "floor": SMALL,
    "coefficients": values.MAGNITUDES,
    "config": values.anything,
    "cutoff_fraction": FRACTION,
    "d": SMALL,
    "data": values.IMAGE,
    "db_floor": optional(LEVEL),
    "db_range": _range,
    "dct_norm": word("None", "'ortho'"),
    "delay_range": _range,
    "denominator": values.SIGNAL,
    "dtype": word(
        "'float64'",
        "'float32'",
        "np.float32",
        "np.float64",
        "None",
        "np.dtype('f4')",
        edge=("'f8'", "'<f4'", "'float16'", "'int16'", "int", "np.dtype('>f4')", "'single'"),
    ),
    "duration": optional(real(0.01, 0.1, 1.0)),
    "effort": word("'estimate'"),
    "end_freq": HERTZ,
    "energies": values.MAGNITUDES,
    "energy_weighted": flag,
    "eps": SMALL,
    "exponent": optional(SMALL),
    "f_max": real(4000.0, 4000.0, 3000, 2000.0),
    "f_min": real(0.0, 50.0, 100.0, 300),
    "features": values.MAGNITUDES,
    "floor_db": LEVEL,
    "formula": word("'slaney'", "'htk'", edge=("'traunmuller'", "'wang'")),
    "frame_idx": whole(0, 1, 2, edge=(-1, 5, 1000)),
    "frame_size": N_FFT,
    "freq_masks": whole(0, 1, 2),
    "freq_width": whole(0, 1, 5, 27),
    "full": flag,
    "gain": SMALL,
    "high_cutoff": FRACTION,
    "hop_size": HOP,
    "image": values.IMAGE,
    "include_c0": flag,
    "input": values.SIGNAL,
    "ir": values.SIGNAL,
    "kernel": values.IMAGE,
    "length": optional(LENGTH),
    "lengths": optional(values.array((2,), (3,), dtypes=("i8", "i4", "f8"))),
    "lifter": whole(0, 22, 1),
    "log_mel": values.MAGNITUDES,
    "low_cutoff": FRACTION,
    "magnitude": values.MAGNITUDES,
    "magphase_power": whole(1, 2),
    "mel_power": values.MAGNITUDES,
    "mode": word("'interp'", "'nearest'", "'mirror'", "'constant'", "'wrap'"),
    "momentum": FRACTION,
    "mono": flag,
    "n": whole(1, 2, 3, 16, 64),
    "n_bins": COUNT,
    "n_fft": N_FFT,
    "n_filters": COUNT,
    "n_frames": whole(1, 5, 10),
    "n_iter": whole(0, 1, 3),
    "n_mels": COUNT,
    "n_lfcc": COUNT,
    "n_mfcc": COUNT,
    "n_octaves": whole(3, 2, 1),
    "n_samples": LENGTH,
    "name": word("'rms'", "'centroid'", "'zcr'", "'flatness'"),
    "norm": word("None", "'l2'", "'slaney'", "'l1'", "'max'"),
    "normalize": flag,
    "num_bins": optional(COUNT),
    "num_threads": whole("None", 1, 2, 3),
    "numerator": values.SIGNAL,
    "order": whole(1, 2),
    "original_length": optional(LENGTH),
    "out": values.out,
    "out_len": LENGTH,
    "output_ncols": whole(8, 9, 5, 1),
    "output": values.out,
    "oversample": whole(1, 2, 8),
    "pad": flag,
    "pad_mode": word("'zeros'", "'reflect'", "'edge'"),
    "padded": flag,
    "path": _sound,
    "periodic": flag,
    "phase_range": _range,
    "power": real(1, 1.0, 0.5, 2),
    "precision": word("'float64'", "'float32'"),
    "q_factor": optional(real(10.0, 20)),
    "ratio_range": _range,
    "ref": word(
        "1.0",
        "0.5",
        "np.max",
        edge=("0", "-1.0", "nan", "lambda s: s", "lambda s: nan", "1/0 if False else 5"),
    ),
    "reference": values.PAIR,
    "regularization": SMALL,
    "remove_mean": flag,
    "sample_rate": RATE,
    "samples": values.SIGNAL,
    "scale": word("'magnitude'", "'power'", "'db'"),
    "seed": whole(0, 1, 7),
    "shape": values.anything,
    "sigma": SMALL,
    "signal": values.SIGNAL,
    "signals": values.SIGNALS,
    "size": whole(3, 5, 1, 9, edge=(0, 2, 4, -1)),
    "spacing": word("'linear'", "'apple_tr35'"),
    "sparsity": real(0.01, 0.0, 0.5),
    "spectrogram": values.MAGNITUDES,
    "spectrum": values.array((33,), (17,), (1,), (2,), dtypes=values.COMPLEX),
    "standardize": flag,
    "start": real(0.0, 0.01, 0.02),
    "start_freq": HERTZ,
    "std": SMALL,
    "stft": values.SPECTRA,
    "stft_matrix": values.SPECTRA,
    "stride": optional(COUNT),
    "test": values.PAIR,
    "time_constant": SMALL,
    "time_major": flag,
    "time_masks": whole(0, 1, 2),
    "time_ratio": FRACTION,
    "time_width": whole(0, 1, 5, 100),
    "top_db": optional(LEVEL),
    "tuning": real(440.0, 442),
    "value": real(0.0, 1, -3.5),
    "width": whole(3, 5, 9),
    "win_length": optional(whole(64, 33, 10)),
    "window": word(*WINDOWS, edge=ODD_WINDOWS),
    "window_size": N_FFT,
    "wrapped": flag,
    "signal_length": LENGTH,
    "i": whole(0, 1, 5),
}

#: (function or class, argument) -> its pool, where a name has another meaning.
OVERRIDES = {
    ("FeatureSet", "features"): _features,
    ("Fft2dPlanner.ifft2d", "spectrum"): values.IMAGE_SPECTRUM,
    ("IstftStream.push", "stft_matrix"): values.SPECTRA,
    ("compute_fft2d", "spacing"): word(
        "(1.0, 1.0)", "(0.5, 2)", edge=("(0, 1)", "(1,)", "3", "(nan, 1)", "(-1, 1)")
    ),
    ("compute_stft_multichannel", "samples"): values.SIGNALS,
    ("delta", "features"): values.MAGNITUDES,
    ("fftshift", "arr"): values.IMAGE,
    ("from_pcm", "data"): _pcm,
    ("from_pcm", "dtype"): word(
        "'int16'", "'int16'", "'int24'", "'int32'", "'uint8'", edge=("'int8'", "'float32'", "'>i2'")
    ),
    ("frontend", "name"): _frontend_name,
    ("frontend", "sample_rate"): optional(RATE),
    ("ifft2d", "spectrum"): values.IMAGE_SPECTRUM,
    ("ifftshift", "arr"): values.IMAGE,
    ("read_audio", "sample_rate"): optional(RATE),
    ("audio_blocks", "sample_rate"): optional(RATE),
    ("set_num_threads", "n"): whole("None", 1, 2, 4, edge=(0, -1)),
    ("stack_frames", "n"): whole(1, 2, 3),
    ("WindowType.custom", "coefficients"): values.SIGNAL,
    ("WindowType.custom", "normalize"): word("None", "'sum'", "'peak'", "'energy'"),
    ("mdct", "pad"): flag,
    ("compute_cepstrum", "kind"): word("'real'", "'power'"),
    ("CepstrumPlan", "kind"): word("'real'", "'power'"),
    ("compute_stmtf", "scale"): word("'magnitude'", "'power'", "'db'", "'log'"),
}

_FILTERS = {
    "mel": "MelParams",
    "erb": "ErbParams",
    "bark": "BarkParams",
    "loghz": "LogHzParams",
    "octave": "OctaveParams",
    "cqt": "CqtParams",
}
_WORDS = re.compile(r"\w+")


def _class_of(owner, parameter):
    """The public class that an argument is annotated with, or None."""
    for name in _WORDS.findall(str(parameter.annotation)):
        if name in sg.__all__ and inspect.isclass(getattr(sg, name)) and name != "WindowType":
            return name
    name = parameter.name
    if name in ("filter_params", "cqt"):
        return _FILTERS[owner.split("_")[1]]
    if name in ("db", "db_params"):
        return "LogParams"
    if name == "params":
        return "SpectrogramParams"
    return {f"{scale}_params": cls for scale, cls in _FILTERS.items()}.get(name)


def argument(draw, owner, parameter, make):
    """The text of one argument; `make` gives objects of public classes."""
    pool = OVERRIDES.get((owner, parameter.name))
    if pool is None:
        cls = None if parameter.name in ("out", "norm") else _class_of(owner, parameter)
        if cls:
            return make(draw, cls) if not draw.chance(draw.wild / 2) else values.anything(draw)
        pool = POOLS.get(parameter.name)
    if pool is None:
        default = parameter.default
        pool = (
            flag
            if isinstance(default, bool)
            else COUNT
            if isinstance(default, int)
            else SMALL
            if isinstance(default, float)
            else values.anything
        )
    return pool(draw)


def call(draw, owner, function, make, given=()):
    """The text between the parentheses of a call, arguments of `given` first."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ", ".join([*given, *(values.anything(draw) for _ in range(draw.one((0, 0, 1, 2))))])
    texts = list(given)
    positional = True
    for parameter in list(parameters)[len(given) :]:
        if parameter.name == "self":
            continue
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            if draw.chance(draw.wild / 2):
                texts.append(
                    ("*" if parameter.kind is parameter.VAR_POSITIONAL else "**")
                    + draw.one(("{}", "[1]", "{'a': 1}"))
                )
            continue
        if parameter.default is not parameter.empty and draw.chance(0.6):
            positional = False
            continue
        text = argument(draw, owner, parameter, make)
        positional = positional and parameter.kind is not parameter.KEYWORD_ONLY
        texts.append(text if positional else f"{parameter.name}={text}")
    return ", ".join(texts)
