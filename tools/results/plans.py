"""Results of plans: every scale, amplitude, precision and option, and every way to run a plan."""

from itertools import pairwise, product

import numpy as np
from signals import SIGNAL, clips

import spectrograms as sg

RATE = 16000.0
DTYPES = ("float64", "float32")
_SCALES = {
    "mel": ("MelParams", 40, 20.0, 7600.0),
    "bark": ("BarkParams", 24, 100.0, 7000.0),
    "erb": ("ErbParams", 24, 100.0, 7000.0),
    "loghz": ("LogHzParams", 36, 80.0, 7000.0),
    "cqt": ("CqtParams", 12, 3, 220.0),
}
# What a revision does not have it does not compute.
SCALES = {"linear": None} | {
    scale: getattr(sg, name)(*values) for scale, (name, *values) in _SCALES.items() if hasattr(sg, name)
}
AMPLITUDES = ("power", "magnitude", "db")
MFCC = sg.MfccParams(13)
CHROMA = sg.ChromaParams()
DESCRIPTORS = ("rms", "zcr", "centroid", "bandwidth", "rolloff", "flatness")


def geometry(n_fft=512, hop=160, window="hann", centre=True, rate=RATE, **options):
    return sg.SpectrogramParams(sg.StftParams(n_fft, hop, window, centre, **options), rate)


STFT = geometry().stft


def _sizes():
    """Scale, amplitude, precision and transform length, each with each."""
    for scale, amplitude, dtype, n_fft in product(SCALES, AMPLITUDES, DTYPES, (256, 400, 511, 1024)):
        plan = sg.SpectrogramPlan(geometry(n_fft), SCALES[scale], amplitude, dtype=dtype)
        yield f"plan/{scale} {amplitude} {dtype} {n_fft}", lambda plan=plan: plan.compute(SIGNAL)


def _options():
    coefficients = sg.WindowType.custom(np.linspace(0.1, 1.0, 400))
    for words, params in {
        "rectangular": geometry(400, window="rectangular"),
        "hamming": geometry(400, window="hamming"),
        "blackman": geometry(400, window="blackman"),
        "kaiser": geometry(400, window=sg.WindowType.kaiser(8.6)),
        "gaussian": geometry(400, window=sg.WindowType.gaussian(60.0)),
        "custom": geometry(400, window=coefficients),
        "periodic": geometry(400, periodic=True),
        "not centred": geometry(400, centre=False),
        "short window": geometry(512, win_length=400),
        "reflect": geometry(pad_mode="reflect"),
        "edge": geometry(pad_mode="edge"),
        "hop of a frame": geometry(512, 512),
        "hop of 1": geometry(64, 1),
        "prime length": geometry(257, 100),
        "a sample": geometry(1, 1, window="rectangular"),
        "long": geometry(4096, 1024),
    }.items():
        for dtype in DTYPES:
            linear = sg.SpectrogramPlan(params, dtype=dtype)
            mel = sg.SpectrogramPlan(params, sg.MelParams(4, 0.0, 8000.0), "db", dtype=dtype)
            yield f"option/{words} linear {dtype}", lambda plan=linear: plan.compute(SIGNAL)
            if "sample" not in words:
                yield f"option/{words} mel {dtype}", lambda plan=mel: plan.compute(SIGNAL)
    banks = {
        "mel slaney": sg.MelParams(40, 0.0, 8000.0, "slaney"),
        "mel l1": sg.MelParams(40, 0.0, 8000.0, "l1"),
        "mel htk": sg.MelParams(40, 0.0, 8000.0, formula="htk"),
        "erb tr35": sg.ErbParams(24, 100.0, 7000.0, spacing="apple_tr35"),
        "cqt centre": sg.CqtParams(12, 2, 440.0, align="centre"),
        "cqt sparse": sg.CqtParams(12, 2, 440.0, sparsity=0.1, normalize=False),
    }
    for (words, scale), dtype in product(banks.items(), DTYPES):
        plan = sg.SpectrogramPlan(geometry(1024), scale, dtype=dtype)
        yield f"option/{words} {dtype}", lambda plan=plan: plan.compute(SIGNAL)
    for floor in (-20.0, -120.0):
        plan = sg.SpectrogramPlan(geometry(), SCALES["mel"], "db", sg.LogParams(floor))
        yield f"option/floor {floor}", lambda plan=plan: plan.compute(SIGNAL)


def every_plan(dtype):
    """One plan of each kind, by name."""
    plans = {
        scale: sg.SpectrogramPlan(geometry(), params, "db", dtype=dtype) for scale, params in SCALES.items()
    }
    plans["stft"] = sg.StftPlan(geometry(), dtype)
    plans["mfcc"] = sg.MfccPlan(STFT, RATE, 40, MFCC, dtype)
    plans["chroma"] = sg.ChromaPlan(STFT, RATE, CHROMA, dtype)
    newer = {
        "LfccPlan": lambda: sg.LfccPlan(STFT, RATE, sg.LfccParams(13, 40), dtype),
        "TonnetzPlan": lambda: sg.TonnetzPlan(STFT, RATE, CHROMA, dtype),
        "CepstrumPlan": lambda: sg.CepstrumPlan(STFT, RATE, dtype),
        "ReassignedPlan": lambda: sg.ReassignedPlan(STFT, RATE, dtype),
    }
    plans |= {name.removesuffix("Plan").lower(): made() for name, made in newer.items() if hasattr(sg, name)}
    for name in DESCRIPTORS:
        plans[name] = sg.DescriptorPlan(STFT, RATE, name, dtype)
    features = {
        "mel": (SCALES["mel"], "db"),
        "mfcc": MFCC,
        "chroma": CHROMA,
        "rms": "rms",
        "centroid": "centroid",
    }
    plans["set"] = sg.FeatureSet(STFT, RATE, features, dtype)
    return plans


def _ways():
    """Every plan: a signal, a batch, a stream, one frame, memory of the caller's, and its own description."""
    for dtype in DTYPES:
        for name, plan in every_plan(dtype).items():
            name = f"{name} {dtype}"
            yield f"compute/{name}", lambda plan=plan: plan.compute(SIGNAL)
            yield f"batch/{name}", lambda plan=plan: plan.compute_batch(clips(), num_threads=2)
            yield f"stream/{name}", lambda plan=plan: streamed(plan)
            yield f"data/{name}", plan.to_json
            if isinstance(plan, sg.FeatureSet):
                continue
            yield f"frame/{name}", lambda plan=plan: [plan.compute_frame(SIGNAL, i) for i in (0, 3, 20)]
            yield f"fingerprint/{name}", lambda plan=plan: plan.fingerprint
            yield f"axes/{name}", lambda plan=plan: plan.times(5000)
            yield f"out/{name}", lambda plan=plan: _into(plan)


def streamed(plan):
    """What a stream gives for chunks of several lengths."""
    stream = plan.stream()
    cuts = (0, 1, 700, 701, 2500, len(SIGNAL))
    return [
        *(stream.push(SIGNAL[a:b]) for a, b in pairwise(cuts)),
        stream.flush(),
    ]


def _into(plan):
    shape = plan.output_shape(len(SIGNAL))
    out = np.full(shape, 7, np.asarray(plan.compute(SIGNAL[:2000])).dtype)
    return plan.compute_into(SIGNAL, out)


def _one_shots():
    """The fifteen functions and the planner's methods for them."""
    planner = sg.SpectrogramPlanner()
    for scale, amplitude, dtype in product(SCALES, AMPLITUDES, DTYPES):
        name = f"{scale}_{amplitude}"
        given = [geometry(), *([SCALES[scale]] if SCALES[scale] else [])]
        one_shot = getattr(sg, f"compute_{name}_spectrogram")
        yield f"function/{name} {dtype}", lambda f=one_shot, a=given, d=dtype: f(SIGNAL, *a, dtype=d)
        plan = getattr(planner, f"{name}_plan")(*given, dtype=dtype)
        yield f"planner/{name} {dtype}", lambda plan=plan: plan.compute(SIGNAL)


def _signals():
    """Samples of every type and layout, read by one plan of each precision."""
    whole = np.round(SIGNAL * 100)
    given = {
        dtype: whole.astype(dtype)
        for dtype in (
            "i1",
            "u1",
            "i2",
            "u2",
            "i4",
            "u4",
            "i8",
            "u8",
            "f2",
            "f4",
            "f8",
            "g",
            ">i2",
            ">f4",
            ">f8",
        )
    }
    given["bool"] = whole > 0
    given["list"] = whole[:900].tolist()
    given["every second"] = np.repeat(SIGNAL, 2)[::2]
    given["backwards"] = SIGNAL[::-1]
    given["backwards f4"] = SIGNAL.astype("f4")[::-1]
    given["column"] = np.stack([SIGNAL, -SIGNAL], axis=1)[:, 1]
    given["misaligned"] = np.frombuffer(b"\0" + SIGNAL.tobytes(), "u1")[1:].view("f8")
    given["memoryview"] = memoryview(SIGNAL)
    given["one sample"] = SIGNAL[:1]
    given["silence"] = np.zeros(3000)
    given["huge"] = SIGNAL * 1e150
    given["tiny"] = SIGNAL * 1e-160
    given["not finite"] = np.where(np.arange(len(SIGNAL)) % 997, SIGNAL, np.nan)
    for dtype in DTYPES:
        plan = sg.SpectrogramPlan(geometry(400), SCALES["mel"], "db", dtype=dtype)
        for words, x in given.items():
            yield f"signal/{words} in {dtype}", lambda plan=plan, x=x: plan.compute(x)


def _inverse():
    for words, params in {
        "hann": geometry(),
        "reflect": geometry(pad_mode="reflect"),
        "not centred": geometry(512, 128, "hamming", False),
        "short window": geometry(512, 100, win_length=400),
    }.items():
        for dtype in DTYPES:
            plan = sg.IstftPlan(params.stft, dtype)
            spectra = np.asarray(sg.compute_stft(SIGNAL, params, dtype))
            name = f"{words} {dtype}"
            yield f"inverse/{name}", lambda plan=plan, s=spectra: plan.compute(s)
            yield f"inverse/{name} cut", lambda plan=plan, s=spectra: plan.compute(s, length=3001)
            yield f"inverse stream/{name}", lambda plan=plan, s=spectra: _inverse_stream(plan, s)


def _inverse_stream(plan, spectra):
    stream = plan.stream()
    parts = [stream.push(np.ascontiguousarray(part)) for part in np.array_split(spectra, 5, axis=1)]
    return [*parts, stream.flush()]


def cases():
    for group in (_sizes, _options, _ways, _one_shots, _signals, _inverse):
        yield from group()
