"""Which cases are recorded: covering designs, in which every pair of options occurs at least once."""

import itertools
import random

from .runners import AMPLITUDES, SCALES

DTYPES = ("float64", "float32")
N_FFT = (256, 400, 512, 1000, 1024, 2048, 4095)
HOPS = ("quarter", "half", "whole", "third", "prime", "160")
WINDOWS = (
    ["rectangular"],
    ["hanning"],
    ["hamming"],
    ["blackman"],
    ["kaiser", 2.0],
    ["kaiser", 3.75],
    ["gaussian", 60.0],
    ["custom"],
    ["custom", "energy"],
)
LENGTHS = ("1", "2", "n-1", "n", "n+1", "hop-1", "hop", "hop+1", "n+hop-1", "5n+hop/2", "6 hops", "long")
SIGNALS = ("noise", "tones", "chirp", "speech", "impulse", "quiet", "loud", "silence")
SAMPLE_RATES = (8000.0, 16000.0, 22050.0, 44100.0, 11025.5)
FLOORS = (-80.0, -120.0, -30.0, 10.0)

# Frequency ranges as fractions of the Nyquist frequency.
FILTERS = {
    "mel": {
        "bands": (1, 10, 40, 80, 128),
        "range": ((0.0, 1.0), (0.0125, 0.9), (0.0375, 0.5)),
        "norm": (None, "none", "slaney", "l1", "l2"),
    },
    "erb": {"bands": (2, 13, 40, 64), "range": ((0.0, 1.0), (0.00625, 0.8), (0.04, 0.43))},
    "loghz": {"bands": (2, 12, 84, 200), "range": ((0.003, 0.52), (0.0125, 1.0), (0.1, 0.2))},
    "cqt": {"bands": ((12, 7, 32.7), (24, 3, 110.0), (5, 4, 200.5), (1, 2, 440.0))},
}


def covering(factors, seed, rounds=1):
    """Return cases (dicts) in which every pair of levels of two factors occurs at least `rounds` times.

    Greedy: each case starts from a pair not seen yet; of some random completions the one that brings
    the most new pairs is kept.
    """
    rng = random.Random(seed)
    names = list(factors)

    def pairs(case):
        return {(a, case[a], b, case[b]) for a, b in itertools.combinations(range(len(names)), 2)}

    sizes = [len(factors[name]) for name in names]
    cases = []
    for _ in range(rounds):
        missing = {
            (a, i, b, j)
            for a, b in itertools.combinations(range(len(names)), 2)
            for i in range(sizes[a])
            for j in range(sizes[b])
        }
        while missing:
            a, i, b, j = rng.choice(sorted(missing))
            best, gain = None, -1
            for _ in range(40):
                trial = [rng.randrange(size) for size in sizes]
                trial[a], trial[b] = i, j
                new = len(pairs(trial) & missing)
                if new > gain:
                    best, gain = trial, new
            missing -= pairs(best)
            cases.append({name: factors[name][level] for name, level in zip(names, best, strict=True)})
    return cases


def hop_size(name, n_fft):
    hops = {
        "quarter": n_fft // 4,
        "half": n_fft // 2,
        "whole": n_fft,
        "third": n_fft // 3,
        "prime": 97,
        "160": 160,
    }
    return hops[name]


def n_samples(name, n_fft, hop):
    """Return the signal length called `name`."""
    return {
        "1": 1,
        "2": 2,
        "n-1": n_fft - 1,
        "n": n_fft,
        "n+1": n_fft + 1,
        "hop-1": hop - 1,
        "hop": hop,
        "hop+1": hop + 1,
        "n+hop-1": n_fft + hop - 1,
        "5n+hop/2": 5 * n_fft + hop // 2,
        "6 hops": 6 * hop,
        "long": n_fft + 70 * hop + 11,
    }[name]


def framed(case, seed):
    """Replace the symbolic hop, length and signal of `case` by numbers."""
    hop = hop_size(case.pop("hop"), case["n_fft"])
    n = n_samples(case.pop("length"), case["n_fft"], hop)
    return case | {"hop": hop, "signal": [case["signal"], n, seed]}


FRAMING = {
    "n_fft": N_FFT,
    "hop": HOPS,
    "centre": (True, False),
    "window": WINDOWS,
    "length": LENGTHS,
    "signal": SIGNALS,
    "sample_rate": SAMPLE_RATES,
    "dtype": DTYPES,
}


def filter_arguments(scale, case):
    """Pop the filter options of `case` and return the arguments of the scale's parameter class."""
    bands = case.pop("bands")
    if scale == "cqt":
        return list(bands)
    nyquist = case["sample_rate"] / 2
    low, high = case.pop("range")
    arguments = [bands, low * nyquist, high * nyquist]
    if scale == "mel":
        arguments.append(case.pop("norm"))
    return arguments


def spectrogram_cases():
    """Return the cases of the fifteen spectrogram kinds in both dtypes."""
    cases = []
    for number, scale in enumerate(SCALES):
        factors = (
            FRAMING
            | {"amplitude": AMPLITUDES, "floor": FLOORS, "plan": (True, False)}
            | FILTERS.get(scale, {})
        )
        if scale == "cqt":  # its direct sums are slow in the reference
            factors |= {"length": LENGTHS[:-1]}
        for case in covering(factors, seed=100 + number, rounds=1 if scale == "cqt" else 2):
            case = framed({"scale": scale} | case, seed=len(cases) + 1)
            if scale != "linear":
                case["filter"] = filter_arguments(scale, case)
            if case["amplitude"] != "db":
                del case["floor"]
            if case.pop("plan"):
                n, hop = case["signal"][1], case["hop"]
                end = n // hop
                case["frames"] = sorted({0, 1, max(end - 1, 0), end, end + 1, end + 5, 10**6})
                case["lengths"] = [1, hop, case["n_fft"] - 1, case["n_fft"], n, 10**9 + 7]
            cases.append(case)
    return cases


def bad_cases():
    """Return cases with one NaN sample: which elements of the power and magnitude are NaN."""
    base = {
        "n_fft": 256,
        "hop": 97,
        "window": ["hanning"],
        "centre": True,
        "sample_rate": 8000.0,
        "bad": "nan",
    }
    filters = {
        "linear": [],
        "mel": [10, 100.0, 4000.0, None],
        "erb": [8, 100.0, 4000.0],
        "loghz": [12, 100.0, 4000.0],
        "cqt": [6, 3, 300.0],
    }
    return [
        base | {"scale": s, "filter": filters[s], "amplitude": a, "dtype": d, "signal": ["noise", 4000, 42]}
        for s, a, d in itertools.product(SCALES, ("power", "magnitude"), DTYPES)
    ]


def defective_cases():
    """Return the case in which the reference is wrong by its Kaiser window and ours must differ."""
    case = {
        "scale": "linear",
        "amplitude": "power",
        "dtype": "float64",
        "n_fft": 64,
        "hop": 16,
        "centre": True,
    }
    return [case | {"window": ["kaiser", 8.6], "sample_rate": 8000.0, "signal": ["tones", 1000, 43]}]


def window_cases():
    windows = [
        *(["hanning"], ["hamming"], ["blackman"]),
        *(["kaiser", beta] for beta in (0.0, 2.0, -3.0, 3.75)),
        *(["gaussian", std] for std in (1.5, 60.0, -10.0)),
        *(
            ["custom"],
            ["custom", "sum"],
            ["custom", "peak"],
            ["custom", "max"],
            ["custom", "energy"],
            ["custom", "rms"],
        ),
    ]
    return [
        {"window": w, "n": n, "dtype": dtype}
        for w in windows
        for n in (2, 3, 8, 401, 512)
        for dtype in DTYPES
    ]


def stft_cases():
    return [framed(case, 5000 + i) for i, case in enumerate(covering(FRAMING, seed=7))]


def istft_cases():
    factors = {key: FRAMING[key] for key in ("n_fft", "hop", "centre", "window", "dtype")}
    cases = covering(factors | {"n_fft": (1, 2, 63, *N_FFT), "n_frames": (1, 2, 7, 40)}, seed=8)
    for i, case in enumerate(cases):
        case["seed"] = 6000 + i
        case["hop"] = min(max(hop_size(case["hop"], case["n_fft"]), 1), case["n_fft"])
        if case["n_fft"] == 1:  # where the reference's cosine windows are NaN
            case["window"] = ["rectangular"]
    return cases


def mfcc_cases():
    factors = FRAMING | {
        "n_fft": (256, 400, 512, 2048),
        "n_mels": (13, 40, 80, 128),
        "n_mfcc": (1, 5, 13, 30),
    }
    cases = []
    for i, case in enumerate(covering(factors, seed=9)):
        case["n_mfcc"] = min(case["n_mfcc"], case["n_mels"])
        cases.append(framed(case, 7000 + i))
    return cases


def chroma_cases():
    chroma = ([], [442.0], [440.0, 100.0, 2000.0], [415.3, 32.7, 1e5])
    factors = FRAMING | {"n_fft": (256, 400, 1000, 2048, 4095), "chroma": chroma}
    return [framed(case, 8000 + i) for i, case in enumerate(covering(factors, seed=10))]


def fft1d_cases():
    cases = []
    for dtype in DTYPES:
        for n in (1, 2, 3, 5, 8, 97, 100, 401, 512, 1000, 4096):
            for n_samples_ in sorted({1, n // 2 + 1, n} & set(range(1, n + 1))):
                data = {"signal": ["noise", n_samples_, n], "n_fft": n, "dtype": dtype}
                cases += [data | {"function": f} for f in ("compute_fft", "compute_rfft")]
                for i, name in enumerate(("compute_power_spectrum", "compute_magnitude_spectrum")):
                    w = WINDOWS[(n + i) % len(WINDOWS)] if n > 1 else None
                    cases.append(data | {"function": name, "window": w})
            cases.append({"function": "compute_fft", "signal": ["noise", n, n], "dtype": dtype})
            cases.append({"function": "compute_irfft", "n_fft": n, "seed": n, "dtype": dtype})
            for name in ("fftfreq", "rfftfreq"):
                cases += [
                    {"function": name, "n_fft": n, "d": d, "dtype": dtype}
                    for d in (1.0, 0.1, -2.5, 1 / 44100)
                ]
            for name in ("fftshift_1d", "ifftshift_1d"):
                cases.append({"function": name, "signal": ["noise", n, 3], "dtype": dtype})
    return cases


SHAPES = ((1, 1), (1, 16), (16, 1), (3, 5), (8, 8), (15, 17), (33, 16), (32, 20), (61, 67), (64, 64))


def image_cases():
    cases = []
    for dtype, shape in itertools.product(DTYPES, SHAPES):
        base = {"shape": list(shape), "seed": sum(shape), "dtype": dtype}
        for name in ("fft2d", "ifft2d", "power_spectrum_2d", "magnitude_spectrum_2d"):
            cases += [base | {"function": name}, base | {"function": name, "planner": True}]
        cases += [base | {"function": name} for name in ("fftshift", "ifftshift", "detect_edges_fft")]
        for name in ("lowpass_filter", "highpass_filter"):
            cases += [base | {"function": name, "args": [cutoff]} for cutoff in (0.0, 0.2, 0.5, 1.0)]
        cases += [base | {"function": "bandpass_filter", "args": list(b)} for b in ((0.0, 0.5), (0.2, 0.7))]
        cases += [base | {"function": "sharpen_fft", "args": [amount]} for amount in (0.0, 0.5, 3.0)]
        for kernel in ((1, 1), (3, 3), (2, 4), shape):
            if kernel[0] <= shape[0] and kernel[1] <= shape[1]:
                cases.append(base | {"function": "convolve_fft", "kernel": list(kernel)})
    for dtype, size, sigma in itertools.product(DTYPES, (1, 3, 5, 31), (0.3, 1.0, 7.5)):
        cases.append({"function": "gaussian_kernel_2d", "args": [size, sigma], "dtype": dtype})
    return cases


def mdct_cases():
    factors = {
        "window_size": (4, 6, 10, 64, 100, 256, 2048),
        "hop": ("half", "quarter", "whole", "more"),
        "window": ("sine", ["hanning"], ["rectangular"], ["kaiser", 2.0], ["custom"]),
        "length": ("w", "w+1", "4w+3"),
        "signal": ("noise", "tones", "speech"),
        "original_length": (None, 0, 50),
        "dtype": DTYPES,
    }
    cases = []
    for i, case in enumerate(covering(factors, seed=11)):
        w = case["window_size"]
        case["hop"] = {"half": w // 2, "quarter": max(w // 4, 1), "whole": w, "more": w + 3}[case["hop"]]
        n = {"w": w, "w+1": w + 1, "4w+3": 4 * w + 3}[case.pop("length")]
        cases.append(case | {"signal": [case["signal"], n, 9000 + i], "n_frames": 1 + i % 4})
    return cases


BANDS = {"itd": [50.0, 620.0], "ipd": [50.0, 620.0], "ild": [1700.0, 4600.0], "ilr": [1700.0, 4600.0]}
HISTOGRAMS = {
    "itd": [{}, {"num_bins": 32, "range": [-0.0004, 0.0004], "normalize": True}],
    "ipd": [{}, {"num_bins": 32, "range": [-1.0, 2.0], "normalize": True}],
    "ild": [{}, {"num_bins": 20, "range": [-6.0, 12.0], "normalize": True}, {"num_bins": 50, "exponent": 1}],
    "ilr": [{}, {"num_bins": 20, "range": [-0.5, 0.9], "normalize": True}, {"num_bins": 50, "exponent": 2}],
}


def binaural_cases():
    cases = []
    for cue, band in BANDS.items():
        bands = (band, [300.0, 3000.0], [437.5, 1281.25])
        extra = {"itd": ([], [1], [2]), "ipd": ([], [True], [False])}.get(cue, ([],))
        factors = {
            "n_fft": (256, 400, 1024, 4095),
            "hop": ("quarter", "half", "160"),
            "centre": (True, False),
            "window": (["hanning"], ["rectangular"], ["kaiser", 2.0]),
            "length": ("n", "n+1", "5n+hop/2"),
            "signal": ("noise", "loud", "silence"),
            "sample_rate": (16000.0, 44100.0),
            "band": bands,
            "extra": extra,
            "delay": (0, 3),
            "gain": (1.0, 0.5),
            "dtype": DTYPES,
        }
        for case in covering(factors, seed=12, rounds=2):
            case = framed({"cue": cue} | case, 10000 + len(cases))
            if case["sample_rate"] / case["n_fft"] > 2 * case["band"][0]:
                case["band"] = bands[1]  # bin 0 has its own test
            cases.append(case | {"histograms": HISTOGRAMS[cue]})
    return cases


def binaural_diff_cases():
    return [
        {key: value for key, value in case.items() if key != "histograms"}
        for case in binaural_cases()
        if case["cue"] in ("itd", "ilr")
    ]


# group -> (list of cases, name of the runner)
GROUPS = {
    "spectrogram": (spectrogram_cases, "run_spectrogram"),
    "bad": (bad_cases, "run_spectrogram"),
    "defective": (defective_cases, "run_spectrogram"),
    "window": (window_cases, "run_window"),
    "stft": (stft_cases, "run_stft"),
    "istft": (istft_cases, "run_istft"),
    "mfcc": (mfcc_cases, "run_mfcc"),
    "chroma": (chroma_cases, "run_chroma"),
    "fft1d": (fft1d_cases, "run_fft1d"),
    "image": (image_cases, "run_image"),
    "mdct": (mdct_cases, "run_mdct"),
    "binaural": (binaural_cases, "run_binaural"),
    "binaural_diff": (binaural_diff_cases, "run_binaural_diff"),
}
