"""Resamplers of PyPI beside the qualities of soxr: time and exactness, for the rates that speech comes in.

    python benchmarks/resampling.py [--markdown]
    python benchmarks/resampling.py --pieces

Those that are installed are measured: soxr, samplerate, scipy, av (FFmpeg), and the windowed sinc of
torchaudio, written out in NumPy. Times are of 2.7 s of noise in float32, the best of many calls. Exactness is
measured with tones, one at a time, in the middle of two seconds of sound:

- edge: the highest frequency that keeps its level to 0.1 dB, as a part of the band that both rates have,
- ripple: the largest change of level up to 0.85 of that band,
- spurious: the largest thing beside the tone, of tones up to 0.85 of the band: images, aliases, rounding,
- leakage: the largest alias of a tone above the lower rate's band, from 1.15 of it on; only to lower rates.

With --pieces, what read_audio does, which hands soxr a signal in pieces and uses its resamplers again, beside
one call for the whole: alternating calls, least and median time of each.
"""

import argparse
import time

import numpy as np
from tables import print_table

SECONDS = 2.7
RATES = ((8000, 16000), (16000, 8000), (48000, 16000), (44100, 16000))
# A window whose side lobes lie below the rounding of float32.
BETA = 24.0


def by_soxr(quality):
    """One of soxr's qualities, as read_audio uses it."""
    import soxr

    return lambda x, a, b: soxr.resample(x, a, b, quality=quality)


def by_samplerate(kind):
    """One of the converters of libsamplerate."""
    import samplerate

    return lambda x, a, b: samplerate.resample(x, b / a, kind)


def by_scipy():
    """Polyphase filtering with SciPy's default window."""
    from scipy.signal import resample_poly

    return lambda x, a, b: resample_poly(x, b // np.gcd(a, b), a // np.gcd(a, b)).astype(np.float32)


def by_ffmpeg():
    """The resampler of FFmpeg, libswresample, with its defaults."""
    import av

    def resample(x, a, b):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(x[None]), "flt", "mono")
        frame.sample_rate = a
        resampler = av.AudioResampler("flt", "mono", b)
        parts = [*resampler.resample(frame), *resampler.resample(None)]
        return np.concatenate([part.to_ndarray()[0] for part in parts])

    return resample


def by_sinc(zeros):
    """What torchaudio.functional.resample computes, with a Hann window and this many zero crossings."""
    kernels = {}

    def kernel(a, b):
        common = int(np.gcd(a, b))
        a, b = a // common, b // common
        base = min(a, b) * 0.99
        width = int(np.ceil(zeros * a / base))
        t = (np.arange(-width, width + a) / a - np.arange(b)[:, None] / b) * base
        t = np.clip(t, -zeros, zeros)
        return (np.sinc(t) * np.cos(t * np.pi / zeros / 2) ** 2 * base / a).astype(np.float32), a, width

    def resample(x, a, b):
        if (a, b) not in kernels:
            kernels[a, b] = kernel(a, b)
        taps, hop, width = kernels[a, b]
        padded = np.pad(x, (width, width + hop))
        frames = np.lib.stride_tricks.sliding_window_view(padded, taps.shape[1])[::hop]
        return (frames @ taps.T).reshape(-1)[: -(-len(x) * b // a)]

    return resample


RESAMPLERS = {
    **{f"soxr {quality}": (by_soxr, quality) for quality in ("VHQ", "HQ", "MQ", "LQ", "QQ")},
    **{f"samplerate {kind}": (by_samplerate, kind) for kind in ("sinc_best", "sinc_medium", "sinc_fastest")},
    "scipy resample_poly": (by_scipy,),
    "FFmpeg": (by_ffmpeg,),
    "sinc, 6 zeros": (by_sinc, 6),
    "sinc, 64 zeros": (by_sinc, 64),
}


def best(call, *arguments):
    """The least time of calls for a while, in microseconds of this thread."""
    call(*arguments)
    least, until = np.inf, time.perf_counter() + 0.4
    while time.perf_counter() < until:
        started = time.thread_time()
        call(*arguments)
        least = min(least, time.thread_time() - started)
    return 1e6 * least


def levels(resample, a, b, frequency):
    """Level of a tone in the result, and of the largest thing beside it, in dB of what went in."""
    n = 2 * a
    x = np.sin(2 * np.pi * frequency / a * np.arange(n) + 0.3).astype(np.float32)
    y = resample(x, a, b).astype(np.float64)
    middle = y[b // 2 : b // 2 + b]
    window = np.kaiser(len(middle), BETA)
    spectrum = np.abs(np.fft.rfft(middle * window)) / window.sum() * 2
    spectrum[0] /= 2
    place = round(frequency)  # bins are 1 Hz apart
    near = slice(max(place - 12, 0), place + 13)
    tone = spectrum[near].max() if place < b // 2 else 0.0
    spectrum[near] = 0.0 if place < b // 2 else spectrum[near]
    return 20 * np.log10(max(tone, 1e-12)), 20 * np.log10(max(spectrum.max(), 1e-12))


def exactness(resample, a, b):
    """Edge, ripple, spurious and leakage; see above. Leakage is None to a higher rate."""
    band = min(a, b) / 2
    within = np.unique(np.linspace(0.01 * band, 0.85 * band, 60).round())
    found = [levels(resample, a, b, f) for f in within]
    tones, beside = np.array(found).T
    edges = np.unique(np.linspace(0.3 * band, band - 14, 100).round())
    kept = [abs(levels(resample, a, b, edge)[0]) <= 0.1 for edge in edges]
    edge = edges[kept.index(False) - 1] / band if False in kept else 1.0
    leakage = None
    if b < a:
        above = np.linspace(1.15 * band, 0.98 * a / 2, 60).round()
        leakage = max(levels(resample, a, b, f)[1] for f in above)
    return edge, np.abs(tones).max(), beside.max(), leakage


def pieces():
    """Print the times of one call of soxr for a signal, and of read_audio's pieces, to the same samples."""
    from spectrograms.audio.resampling import resample

    ways = {"whole": by_soxr("VHQ"), "pieces": resample}
    rng = np.random.default_rng(0)
    for a, b in RATES:
        x = (0.1 * rng.standard_normal(round(SECONDS * a))).astype(np.float32)
        times = {name: [] for name in ways}
        whole, parts = (way(x, a, b) for way in ways.values())
        if whole.tobytes() != parts.tobytes():
            raise SystemExit(f"{a} to {b}: other samples")
        for _ in range(300):
            for name, way in ways.items():
                started = time.thread_time()
                way(x, a, b)
                times[name].append(1e6 * (time.thread_time() - started))
        found = {name: (min(each), np.median(each)) for name, each in times.items()}
        least, median = (found["pieces"][i] / found["whole"][i] for i in (0, 1))
        words = [f"{name} {low:.0f} us (median {half:.0f})" for name, (low, half) in found.items()]
        print(f"{a} to {b}: {', '.join(words)}; ratio {least:.2f} ({median:.2f})")


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--pieces", action="store_true", help="read_audio's pieces beside one call")
    args = parser.parse_args()
    if args.pieces:
        pieces()
        return
    head, rows = ("rates", "resampler", "time, us", "edge", "ripple, dB", "spurious, dB", "leakage, dB"), []
    rng = np.random.default_rng(0)
    for a, b in RATES:
        x = (0.1 * rng.standard_normal(round(SECONDS * a))).astype(np.float32)
        for name, (make, *how) in RESAMPLERS.items():
            try:
                resample = make(*how)
            except ImportError:
                continue
            edge, ripple, spurious, leakage = exactness(resample, a, b)
            numbers = f"{best(resample, x, a, b):.0f}", f"{edge:.2f}", f"{ripple:.5f}", f"{spurious:.0f}"
            rows.append((f"{a} to {b}", name, *numbers, "" if leakage is None else f"{leakage:.0f}"))
    print_table(head, rows, args.markdown)


if __name__ == "__main__":
    main()
