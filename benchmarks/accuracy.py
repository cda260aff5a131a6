"""The page of accuracy: the worst error of every feature beside its definition in extended precision.

    python benchmarks/accuracy.py --reference PYTHON --torch PYTHON --page docs/accuracy.md

Signals: silence, noise of full scale, speech and music, speech times 1e-12 and 1e+12, and speech so quiet
that its samples are subnormal. Every package gets the same samples in float64 and in float32, and what is
exact is computed of these. Each runs in a process of its own, those of `--reference` (the Rust package) and
`--torch` in another interpreter. An error is relative to the largest value of the result; of decibels and
MFCC it is a difference, in dB. Cells of a package that has no such feature are empty.
"""

import argparse
import pickle
import subprocess
import sys
from pathlib import Path

import exact
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
N, HOP = exact.N, exact.HOP
SIGNALS = ("silence", "full scale", "speech", "music", "x 1e-12", "x 1e+12", "subnormal")
LIBRARIES = ("spectrograms", "reference", "librosa", "scipy", "torch")
SECONDS = 2


def signals(dtype):
    """Yield (name, samples, rate)."""
    import spectrograms as sg

    audio = ROOT / "tests" / "data" / "audio"
    speech, rate = sg.read_audio(audio / "prompt_demo_thanks_16k.flac")
    music, music_rate = sg.read_audio(audio / "bach_brandenburg2_24k.wav")
    speech = speech[: SECONDS * rate].astype(np.float64)
    smallest = float(np.finfo(dtype).smallest_normal)
    made = {
        "silence": np.zeros(rate),
        "full scale": np.random.default_rng(0).uniform(-1, 1, SECONDS * rate),
        "speech": speech,
        "music": music[: SECONDS * music_rate].astype(np.float64),
        "x 1e-12": speech * 1e-12,
        "x 1e+12": speech * 1e12,
        "subnormal": speech / np.abs(speech).max() * smallest / 2,
    }
    for name, samples in made.items():
        yield name, samples.astype(dtype), music_rate if name == "music" else rate


# --- packages: (feature, samples, rate, dtype) -> array, or None --------------------------------------


def package(feature, x, rate, dtype):
    """This package, and the one in Rust: the same calls."""
    import spectrograms as sg

    frames = sg.StftParams(N, HOP, sg.WindowType.hanning, True)
    params = sg.SpectrogramParams(frames, rate)
    log = sg.LogParams(-80.0)
    mel = sg.MelParams(exact.N_MELS, 0.0, rate / 2, "slaney")
    if feature == "inverse STFT of the STFT":
        spectra = np.asarray(sg.compute_stft(x, params, dtype).data)
        return np.asarray(sg.compute_istft(spectra, N, HOP, sg.WindowType.hanning, True, dtype))
    calls = {
        "STFT": lambda: sg.compute_stft(x, params, dtype),
        "power": lambda: sg.compute_linear_power_spectrogram(x, params, dtype=dtype),
        "magnitude": lambda: sg.compute_linear_magnitude_spectrogram(x, params, dtype=dtype),
        "power, dB": lambda: sg.compute_linear_db_spectrogram(x, params, log, dtype=dtype),
        "mel power": lambda: sg.compute_mel_power_spectrogram(x, params, mel, dtype=dtype),
        "mel, dB": lambda: sg.compute_mel_db_spectrogram(x, params, mel, log, dtype=dtype),
        "ERB power": lambda: sg.compute_erb_power_spectrogram(
            x, params, sg.ErbParams(64, exact.F_MIN["erb"], rate / 2), dtype=dtype
        ),
        "log-frequency power": lambda: sg.compute_loghz_power_spectrogram(
            x, params, sg.LogHzParams(84, exact.F_MIN["loghz"], rate / 4), dtype=dtype
        ),
        "constant-Q power": lambda: sg.compute_cqt_power_spectrogram(
            x, params, sg.CqtParams(*exact.CQT), dtype=dtype
        ),
        "MFCC": lambda: sg.compute_mfcc(x, frames, rate, 40, sg.MfccParams(exact.N_MFCC), dtype),
        "chroma": lambda: sg.compute_chromagram(x, frames, rate, sg.ChromaParams(), dtype),
        "MDCT": lambda: sg.mdct(x, sg.MdctParams(N, N // 2, sg.WindowType.custom(sine())), dtype),
        "2-D FFT, 64 x 64": lambda: sg.fft2d(x[:4096].reshape(64, 64), dtype),
    }
    if hasattr(sg, "DescriptorPlan"):  # what the Rust package has not
        calls["2-D FFT, 64 x 64"] = lambda: sg.fft2d(x[:4096].reshape(64, 64), dtype=dtype)
        octaves = sg.OctaveParams(3, exact.F_MIN["octave"], exact.OCTAVE_MAX)
        calls["octave power"] = lambda: sg.compute_octave_power_spectrogram(x, params, octaves, dtype=dtype)
        for name in ("RMS", "centroid"):
            plan = sg.DescriptorPlan(frames, rate, name.lower(), dtype)
            calls[name] = lambda plan=plan: plan.compute(x)
    if feature not in calls:
        return None
    found = calls[feature]()
    return np.asarray(getattr(found, "data", found))


def sine():
    return np.sin(np.pi * (2 * np.arange(N) + 1) / (2 * N))


def librosa(feature, x, rate, dtype):
    import librosa as lr

    window = np.hanning(N)
    shape = {"n_fft": N, "hop_length": HOP, "window": window, "center": True, "pad_mode": "constant"}
    spectra = lr.stft(x, **shape)
    bank = lr.filters.mel(sr=rate, n_fft=N, n_mels=exact.N_MELS, norm="slaney", dtype=dtype)
    if feature == "centroid":
        return lr.feature.spectral_centroid(S=np.abs(spectra), sr=rate, n_fft=N)
    if feature == "RMS":
        return lr.feature.rms(
            y=x, frame_length=N, hop_length=HOP, center=True, pad_mode="constant", dtype=dtype
        )
    if feature == "inverse STFT of the STFT":
        return lr.istft(spectra, n_fft=N, hop_length=HOP, window=window, center=True)
    if feature in ("mel power", "mel, dB"):
        bands = bank @ np.abs(spectra) ** 2
        return bands if feature == "mel power" else lr.power_to_db(bands, amin=1e-8, top_db=None)
    values = np.abs(spectra)
    return {
        "STFT": spectra,
        "magnitude": values,
        "power": values**2,
        "power, dB": lr.power_to_db(values**2, amin=1e-8, top_db=None),
    }.get(feature)


def scipy(feature, x, rate, dtype):
    import scipy.fft

    if feature == "2-D FFT, 64 x 64":
        return scipy.fft.rfft2(x[:4096].reshape(64, 64))
    padded = np.pad(x, N // 2)
    rows = np.lib.stride_tricks.sliding_window_view(padded, N)[::HOP] * np.hanning(N).astype(dtype)
    return _of_spectra(feature, scipy.fft.rfft(rows).T)


def torch(feature, x, rate, dtype):
    import torch

    values = torch.from_numpy(x.copy())
    if feature == "2-D FFT, 64 x 64":
        return torch.fft.rfft2(values[:4096].reshape(64, 64)).numpy()
    window = torch.from_numpy(np.hanning(N).astype(dtype))
    shape = {"n_fft": N, "hop_length": HOP, "window": window, "center": True}
    spectra = torch.stft(values, **shape, pad_mode="constant", return_complex=True)
    if feature == "inverse STFT of the STFT":
        return torch.istft(spectra, **shape).numpy()
    return _of_spectra(feature, spectra.numpy())


def _of_spectra(feature, spectra):
    power = spectra.real**2 + spectra.imag**2
    return {
        "STFT": spectra,
        "power": power,
        "magnitude": np.abs(spectra),
        "power, dB": 10 * np.log10(np.maximum(power, power.dtype.type(1e-8))),
    }.get(feature)


CALLS = {
    "spectrograms": package,
    "reference": package,
    "librosa": librosa,
    "scipy": scipy,
    "torch": torch,
}


def work(library):
    """The child's end: take cases from stdin, write a result for each to stdout."""
    results = []
    for feature, x, rate, dtype in pickle.load(sys.stdin.buffer):
        try:
            with np.errstate(all="ignore"):
                found = CALLS[library](feature, x, rate, dtype)
        except Exception as error:  # of any library, said on stderr
            found = f"{type(error).__name__}: {error}"
        results.append(found)
    pickle.dump(results, sys.stdout.buffer, protocol=5)


def asked(python, library, cases):
    """What a library gives for each case, in an interpreter of its own."""
    command = [python, __file__, "--work", library]
    ran = subprocess.run(command, input=pickle.dumps(cases), stdout=subprocess.PIPE, check=True)
    return pickle.loads(ran.stdout)


# --- errors ---------------------------------------------------------------------------------------------


def error(feature, found, expected):
    """The worst error of a result; None if there is none to compare, infinite if it is no number."""
    if found is None:
        return None
    if isinstance(found, str):
        return found
    length = min(found.shape[-1], expected.shape[-1])
    found, expected = found[..., :length], expected[..., :length]
    if found.shape != expected.shape:
        return f"shape {found.shape}, not {expected.shape}"
    wide = exact.LONG if not np.iscomplexobj(found) else np.clongdouble
    worst = np.abs(found.astype(wide) - expected).max()
    if not np.isfinite(worst):
        return np.inf
    peak = 1 if feature in exact.IN_DB else np.abs(expected).max()
    return float(worst / peak) if peak > 0 else float(worst)


def cell(feature, value):
    if value is None:
        return ""
    if isinstance(value, str):
        return "error"
    if value == 0:
        return "0"
    if feature not in exact.IN_DB and value >= 0.5:
        return "lost"
    return f"{value:.1e}"


def table(dtype, pythons):
    cases = [(feature, *each) for each in signals(dtype) for feature in exact.FEATURES]
    plain = [(feature, x, rate, dtype) for feature, _, x, rate in cases]
    results = {library: asked(python, library, plain) for library, python in pythons.items()}
    worst = {}
    for k, (feature, name, x, rate) in enumerate(cases):
        expected = exact.FEATURES[feature](x, rate)
        for library, found in results.items():
            worst[feature, name, library] = error(feature, found[k], expected)
            if isinstance(worst[feature, name, library], str):
                print(library, feature, name, worst[feature, name, library], file=sys.stderr)
    yield f"| {dtype} | package | " + " | ".join(SIGNALS) + " |"
    yield "|---" * (len(SIGNALS) + 2) + "|"
    for feature in exact.FEATURES:
        for library in pythons:
            cells = [cell(feature, worst[feature, name, library]) for name in SIGNALS]
            if any(cells):
                title = feature if library == "spectrograms" else ""
                yield f"| {title} | {NAMES[library]} | " + " | ".join(cells) + " |"


NAMES = {
    "spectrograms": "this package",
    "reference": "Rust package",
    "librosa": "librosa",
    "scipy": "SciPy",
    "torch": "PyTorch",
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reference", metavar="PYTHON", help="interpreter that has the Rust package")
    parser.add_argument("--torch", metavar="PYTHON", help="interpreter that has PyTorch")
    parser.add_argument("--page", metavar="FILE", help="the page whose tables are replaced; else print them")
    parser.add_argument("--work", choices=LIBRARIES, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        work(args.work)
        return
    pythons = {"spectrograms": sys.executable, "reference": args.reference, "librosa": sys.executable}
    pythons |= {"scipy": sys.executable, "torch": args.torch}
    pythons = {library: python for library, python in pythons.items() if python}
    tables = "\n\n".join("\n".join(table(dtype, pythons)) for dtype in ("float64", "float32"))
    if args.page is None:
        print(tables)
        return
    page = Path(args.page)
    before = page.read_text(encoding="utf-8").partition("\n| float64 ")[0]
    page.write_text(f"{before}\n{tables}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
