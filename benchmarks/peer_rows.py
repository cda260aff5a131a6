"""The rows of the table that `peers.py` prints, with their targets."""

from dataclasses import dataclass, field

# Sizes for which the transform does not depend on how FFTW was planned. For the others the targets against
# FFTW's own r2c, which is planned with MEASURE, are 1.1 times laxer: this package plans with ESTIMATE.
PLANNED_ALIKE = {("float32", 256), ("float32", 512), ("float64", 256), ("float64", 512), ("float64", 1024)}

ONE_HOUR = 3600 * 100  # frames of hop 160 at 16 kHz


@dataclass(frozen=True)
class Row:
    """One computation: against whom, in which unit, and what is to be reached.

    `targets` maps a peer to the least ratio peer / ours, except ``r2c``, whose ratio is the largest
    ours / r2c allowed, and ``us``, the largest time of a call in microseconds. A pair is for CPUs with
    and without AVX-512. `alike` names the peers that compute the same numbers.
    """

    name: str
    call: dict
    targets: dict = field(default_factory=dict)
    peers: tuple = ("reference",)
    alike: tuple = ("reference", "scipy", "librosa", "torch")
    per_frame: bool = True

    def target(self, peer, wide):
        """Return the target against `peer`, None if there is none."""
        target = self.targets.get(peer)
        if isinstance(target, tuple):
            target = target[0 if wide else 1]
        if (
            peer == "r2c"
            and target is not None
            and (self.call["dtype"], self.call["n_fft"]) not in PLANNED_ALIKE
        ):
            target = round(1.1 * target, 3)
        return target


SIZES = ((256, 128), (400, 160), (512, 160), (1024, 256), (2048, 512))
SHORT = {"float32": "f32", "float64": "f64"}

# (dtype, n_fft) -> targets
MEL_DB = {
    ("float32", 512): {"r2c": (0.80, 1.05), "reference": (7, 6), "librosa": 13, "scipy": 4},
    ("float32", 400): {"r2c": (0.95, 1.15), "reference": (6.5, 5.5)},
    ("float32", 1024): {"r2c": (0.80, 0.9), "reference": 5},
    ("float32", 2048): {"r2c": (0.80, 0.9), "reference": 4},
    ("float64", 400): {"r2c": (1.45, 1.7), "reference": (4.2, 3.5)},
    ("float64", 512): {"r2c": (1.45, 1.7), "reference": (4.2, 3.5)},
    ("float64", 2048): {"r2c": 1.45, "reference": 2.5},
}
LINEAR_POWER = {("float32", n): {"r2c": (0.90, 1.0), "reference": 8} for n, _ in SIZES}
LINEAR_POWER["float64", 512] = {"r2c": (1.35, 1.4), "reference": 6}
LINEAR_DB = {("float32", n): {"r2c": (1.10, 1.3), "reference": 7} for n, _ in SIZES}
LINEAR_DB["float64", 512] = {"r2c": (1.8, 2.2), "reference": 5.5}
LINEAR_DB["float64", 2048] = {"r2c": 1.95, "reference": 4.5}
ERB = {("float32", 512): {"reference": 20}, ("float64", 512): {"reference": 10}}
CQT = {"float32": {"reference": 40, "librosa": 1}, "float64": {"reference": 18, "librosa": 1}}

TARGETS = {
    ("mel", "db"): MEL_DB,
    ("linear", "power"): LINEAR_POWER,
    ("linear", "db"): LINEAR_DB,
    ("erb", "power"): ERB,
    ("erb", "db"): ERB,
    ("cqt", "power"): {(dtype, n): CQT[dtype] for dtype in CQT for n in (512, 2048)},
}


def spectrogram_rows():
    for scale in ("linear", "mel", "erb", "loghz", "cqt"):
        for amplitude in ("power", "db"):
            for dtype in ("float32", "float64"):
                for n_fft, hop in SIZES:
                    if scale == "cqt" and (n_fft not in (512, 2048) or amplitude == "db"):
                        continue  # direct sums: 100 microseconds a frame in the reference
                    call = {"kind": "spectrogram", "scale": scale, "amplitude": amplitude, "dtype": dtype}
                    call |= {"n_fft": n_fft, "hop": hop, "n_frames": 200 if scale == "cqt" else 640}
                    peers = ("reference", "scipy", "librosa") + (("r2c",) if scale != "cqt" else ())
                    yield Row(
                        f"{scale} {amplitude} {SHORT[dtype]} {n_fft}/{hop}",
                        call,
                        TARGETS.get((scale, amplitude), {}).get((dtype, n_fft), {}),
                        peers,
                        alike=("reference", "scipy") if scale == "cqt" else Row.alike,
                    )


def other_rows():
    one_second = {"kind": "one-shot", "scale": "mel", "amplitude": "db", "n_fft": 512, "hop": 256}
    yield Row(
        "one-shot mel db f32 1 s, 512/256",
        one_second | {"dtype": "float32", "n_samples": 16000},
        {"us": 25, "reference": 8},
        ("reference", "scipy", "librosa"),
        per_frame=False,
    )
    for dtype in ("float32", "float64"):
        short = SHORT[dtype]
        single = dtype == "float32"
        for n_fft, hop in ((512, 160), (2048, 512)):
            base = {"dtype": dtype, "n_fft": n_fft, "hop": hop, "n_frames": 640}
            size = f"{short} {n_fft}/{hop}"
            torch = {"torch": 1.5} if single else {}
            stft = {"reference": 1.5} | torch
            yield Row(
                f"stft {size}",
                base | {"kind": "stft"},
                stft,
                ("reference", "scipy", "librosa", "torch", "r2c"),
            )
            yield Row(f"istft {size}", base | {"kind": "istft"}, {"reference": 2})
            mfcc = {"reference": 40} if n_fft == 512 else {"librosa": 5}
            yield Row(f"mfcc 13 of 40 {size}", base | {"kind": "mfcc"}, mfcc, ("reference", "librosa"))
            yield Row(
                f"chroma {size}",
                base | {"kind": "chroma"},
                {"reference": 8 if single else 5, "librosa": 1},
                ("reference", "librosa"),
                alike=("reference",),
            )
            yield Row(f"itd {size}", base | {"kind": "itd"}, {"reference": 1.5})
            mdct = base | {"kind": "mdct", "hop": n_fft // 2}
            yield Row(f"mdct {short} {n_fft}", mdct, {"reference": 1.5})
        picture = {"dtype": dtype, "size": 512}
        yield Row(
            f"fft2d {short} 512x512",
            picture | {"kind": "fft2d"},
            {"reference": 1.2 if single else 1.0},
            per_frame=False,
        )
        yield Row(
            f"convolve_fft {short} 512x512 * 31x31",
            picture | {"kind": "convolve_fft"},
            {"reference": 1.5},
            per_frame=False,
        )


# What is done to spectra, at librosa's defaults: the least ratio of those whose own stage costs librosa more
# than its transform; the others are judged by the first row.
# Of float32, which is librosa's own precision, and of float64.
DEFAULTS = {
    "defaults power": (None, None),
    "defaults pcen": (None, None),
    "constant q": (20, 20),
    "variable q": (20, 20),
    "hybrid q": (8, 8),
    "inverse q": (None, None),
    "separate": (8, 8),
    "time_stretch": (8, 8),
    "chroma_stft": (8, 8),
    "chroma_cqt": (8, 8),
    "chroma_cens": (None, None),
    "tonnetz": (None, None),
    "piptrack": (8, 8),
    "reassigned": (None, None),
    "cepstrum": (None, None),
    "lfcc": (None, None),
    "bark": (None, None),
    "spectral_contrast": (None, None),
    "onset_strength": (None, None),
    "tempogram": (None, None),
    "fourier_tempogram": (None, None),
}
# Their numbers are near librosa's only: see their tests. librosa's angles have three digits in float32.
OTHERWISE = (
    *((f"{kind} q", dtype) for kind in ("constant", "variable", "hybrid", "inverse")
      for dtype in ("float32", "float64")),
    ("chroma_cqt", "float32"), ("chroma_cqt", "float64"),
    ("chroma_cens", "float32"), ("chroma_cens", "float64"),
    ("time_stretch", "float32"),
)  # fmt: skip


def default_rows():
    for kind, targets_of in DEFAULTS.items():
        for dtype, least in zip(("float32", "float64"), targets_of, strict=True):
            call = {"kind": kind, "dtype": dtype, "n_samples": 220500}
            targets = {"librosa": least} if least else {}
            alike = () if (kind, dtype) in OTHERWISE else Row.alike
            yield Row(f"{kind} {SHORT[dtype]}, 10 s", call, targets, ("librosa",), alike, per_frame=False)


def rows():
    """Return all rows that compare libraries."""
    return [*spectrogram_rows(), *other_rows(), *default_rows()]


def build_rows():
    """Return the rows by which builds of this package are compared: what a call costs beside its frames."""
    frames = {"scale": "mel", "amplitude": "db", "dtype": "float32", "n_fft": 512, "hop": 160}
    spectrogram = frames | {"kind": "spectrogram"}
    yield Row("compute, 0.1 s", spectrogram | {"n_samples": 1600}, per_frame=False)
    yield Row("compute into out, 0.1 s", spectrogram | {"n_samples": 1600, "out": True}, per_frame=False)
    for n_clips, n_samples in ((1000, 1600), (100, 48000)):
        call = frames | {"kind": "batch", "n_clips": n_clips, "n_samples": n_samples}
        yield Row(f"batch of {n_clips} clips of {n_samples / 16000:g} s", call, per_frame=False)
    for name in ("whisper_hf", "kaldi_fbank", "librosa_melspectrogram"):
        call = {"kind": "frontend", "name": name, "dtype": "float32", "n_samples": 16000}
        yield Row(f"{name}, 1 s", call, per_frame=False)
    yield Row("stream, 20 ms a push", frames | {"kind": "stream", "n_samples": 320}, per_frame=False)


def long_calls():
    """Return (name, call of 10 s, call of one hour) of the rows about long signals."""
    for amplitude, scale in (("db", "mel"), ("power", "linear")):
        call = {"kind": "spectrogram", "scale": scale, "amplitude": amplitude, "dtype": "float32"}
        call |= {"n_fft": 512, "hop": 160}
        yield f"{scale} {amplitude} f32 512/160", call | {"n_frames": 1000}, call | {"n_frames": ONE_HOUR}
