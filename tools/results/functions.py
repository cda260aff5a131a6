"""Results of functions other than spectrograms: transforms, images, cues, features of features."""

from itertools import product

import numpy as np
from plans import CHROMA, DTYPES, MFCC, RATE, STFT, geometry
from signals import LEFT, LONG, RIGHT, SIGNAL, noise

import spectrograms as sg

IMAGES = {"even": noise(24, 32, seed=5), "odd": noise(17, 21, seed=6), "row": noise(1, 9, seed=7)}
MEL_POWER = np.asarray(sg.compute_mel_power_spectrogram(LONG, geometry(), sg.MelParams(32, 20.0, 7600.0)))


def _fourier():
    for n, dtype in product((1, 2, 15, 256, 509), DTYPES):
        samples = noise(n, seed=n)
        half = np.fft.rfft(samples)
        name = f"{n} {dtype}"
        yield f"fft/fft {name}", lambda x=samples, n=n, d=dtype: sg.compute_fft(x, n, d)
        yield f"fft/rfft {name}", lambda x=samples, n=n, d=dtype: sg.compute_rfft(x, n, d)
        yield f"fft/irfft {name}", lambda h=half, n=n, d=dtype: sg.compute_irfft(h, n, d)
        yield f"fft/planner {name}", lambda x=samples, n=n, d=dtype: sg.FftPlanner(d).rfft(x, n)
    x = noise(400, seed=8)
    for window, dtype in product((None, "hann"), DTYPES):
        yield f"fft/power {window} {dtype}", lambda w=window, d=dtype: sg.compute_power_spectrum(x, 400, w, d)
        yield (
            f"fft/magnitude {window} {dtype}",
            lambda w=window, d=dtype: sg.compute_magnitude_spectrum(x, 512, w, d),
        )
    for n in (8, 9):
        yield f"fft/frequencies {n}", lambda n=n: [sg.fftfreq(n, 0.1), sg.rfftfreq(n, 0.1)]
        yield (
            f"fft/shifts {n}",
            lambda n=n: [shift(np.arange(float(n))) for shift in (sg.fftshift_1d, sg.ifftshift_1d)],
        )


def _images():
    kernel = sg.gaussian_kernel_2d(5, 1.2)
    filters = {
        "lowpass": lambda image, d: sg.lowpass_filter(image, 0.3, d),
        "highpass": lambda image, d: sg.highpass_filter(image, 0.3, d),
        "bandpass": lambda image, d: sg.bandpass_filter(image, 0.2, 0.6, d),
        "edges": sg.detect_edges_fft,
        "sharpen": lambda image, d: sg.sharpen_fft(image, 1.5, d),
        "fft2d": sg.fft2d,
        "power": sg.power_spectrum_2d,
        "magnitude": sg.magnitude_spectrum_2d,
        "result": lambda image, d: sg.compute_fft2d(image, (0.5, 2.0), d),
        "there and back": lambda image, d: sg.ifft2d(sg.fft2d(image, d), image.shape[1], d),
        "shift": sg.fftshift,
        "shift back": sg.ifftshift,
    }
    for (words, image), (name, function), dtype in product(IMAGES.items(), filters.items(), DTYPES):
        yield f"image/{name} {words} {dtype}", lambda f=function, i=image, d=dtype: f(i, d)
    for words, dtype in product(("even", "odd"), DTYPES):
        yield (
            f"image/convolve {words} {dtype}",
            lambda w=words, d=dtype: sg.convolve_fft(IMAGES[w], kernel, d),
        )
    for dtype in DTYPES:
        yield f"image/kernel {dtype}", lambda d=dtype: sg.gaussian_kernel_2d(7, 1.5, d)


def _lapped_and_convolution():
    for words, params in {
        "sine": sg.MdctParams.sine_window(64),
        "hann": sg.MdctParams(64, 32, "hann"),
        "odd hop": sg.MdctParams(36, 10, "hamming"),
    }.items():
        for dtype, pad in product(DTYPES, (False, True)):
            name = f"{words} {dtype} {'padded' if pad else 'as it is'}"
            yield f"mdct/{name}", lambda p=params, d=dtype, pad=pad: sg.mdct(SIGNAL, p, d, pad=pad)
            yield (
                f"imdct/{name}",
                lambda p=params, d=dtype, pad=pad: sg.imdct(
                    sg.mdct(SIGNAL, p, d, pad=pad), p, 5000, d, padded=pad
                ),
            )
    response = noise(300, seed=9) * np.exp(-np.arange(300) / 40)
    for dtype in DTYPES:
        yield f"convolution/whole {dtype}", lambda d=dtype: sg.fft_convolve(SIGNAL, response, d)
        yield f"convolution/inverse {dtype}", lambda d=dtype: sg.fft_deconvolve(SIGNAL, response, 1e-3, d)
        yield f"convolution/minimum phase {dtype}", lambda d=dtype: sg.minimum_phase(response, d)
        yield (
            f"convolution/minimum phase with {dtype}",
            lambda d=dtype: sg.minimum_phase_with(response, 200, 4, d),
        )
        yield f"convolution/blocks {dtype}", lambda d=dtype: _blocks(response, d)
        spectra = np.asarray(sg.compute_stft(SIGNAL, geometry(), dtype))
        yield f"phase/{dtype}", lambda s=spectra, d=dtype: sg.magphase(s, 2, d)


def _blocks(response, dtype):
    convolver = sg.OverlapSaveConvolver(response, 128, dtype)
    return [convolver.process_block(block.astype(dtype)) for block in SIGNAL[: 128 * 8].reshape(8, 128)]


def _cues():
    for (cue, bounds), dtype in product(
        {
            "itd": (150.0, 1400.0),
            "ipd": (150.0, 1400.0),
            "ild": (1700.0, 4600.0),
            "ilr": (1700.0, 4600.0),
        }.items(),
        DTYPES,
    ):
        params = getattr(sg, f"{cue.upper()}SpectrogramParams")(geometry(), *bounds)
        compute = getattr(sg, f"compute_{cue}_spectrogram")
        yield f"cue/{cue} {dtype}", lambda f=compute, p=params, d=dtype: f([LEFT, RIGHT], p, d)
        if cue in ("itd", "ilr"):
            difference = getattr(sg, f"compute_{cue}_spectrogram_diff")
            pairs = [LEFT, RIGHT], [LEFT, 0.5 * RIGHT]
            yield (
                f"cue/{cue} difference {dtype}",
                lambda f=difference, p=params, d=dtype, a=pairs: f(*a, p, d),
            )


def _features():
    """One-shot functions, and functions of the results of plans."""
    erb = sg.ErbParams(12, 100.0, 6000.0)
    for dtype in DTYPES:
        yield f"one-shot/mfcc {dtype}", lambda d=dtype: sg.compute_mfcc(SIGNAL, STFT, RATE, 40, MFCC, d)
        yield f"one-shot/chroma {dtype}", lambda d=dtype: sg.compute_chromagram(SIGNAL, STFT, RATE, CHROMA, d)
        yield (
            f"one-shot/chroma of power {dtype}",
            lambda d=dtype: sg.chromagram_from_spectrogram(
                sg.compute_linear_power_spectrogram(SIGNAL, geometry()), RATE, 512, CHROMA, d
            ),
        )
        yield f"one-shot/stft {dtype}", lambda d=dtype: sg.compute_stft(SIGNAL, geometry(), d)
        yield (
            f"one-shot/istft {dtype}",
            lambda d=dtype: sg.compute_istft(
                sg.compute_stft(SIGNAL, geometry(), d), 512, 160, "hann", True, d
            ),
        )
        yield (
            f"one-shot/mfcc of mel {dtype}",
            lambda d=dtype: sg.mfcc_from_log_mel(np.log(MEL_POWER), MFCC, d),
        )
        yield f"one-shot/cqt {dtype}", lambda d=dtype: sg.cqt(LONG, RATE, sg.CqtParams(12, 2, 440.0), 256, d)
        yield (
            f"one-shot/gammatone {dtype}",
            lambda d=dtype: sg.gammatone_iir_spectrogram(SIGNAL, RATE, 400, 160, erb, d),
        )
        for scale in ("magnitude", "power"):
            yield f"one-shot/modulation {scale} {dtype}", lambda s=scale, d=dtype: _modulation(s, d)
        channels = noise(3, 4000, seed=10)
        for words, x in {
            "rows": channels,
            "columns": np.asfortranarray(channels),
            "short": channels[:, ::2].astype("f4"),
        }.items():
            yield (
                f"multichannel/{words} {dtype}",
                lambda x=x, d=dtype: sg.compute_stft_multichannel(x, geometry(), d),
            )
    mfcc = {
        "ortho": sg.MfccParams(13, dct_norm="ortho"),
        "no lifter": sg.MfccParams(13, lifter=0),
        "without c0": sg.MfccParams(8, include_c0=False),
    }
    for words, params in mfcc.items():
        yield f"one-shot/mfcc {words}", lambda p=params: sg.compute_mfcc(SIGNAL, STFT, RATE, 40, p)
    for norm in ("l1", "l2", "max", "none"):
        params = sg.ChromaParams(442.0, 100.0, 3000.0, norm)
        yield f"one-shot/chroma {norm}", lambda p=params: sg.compute_chromagram(SIGNAL, STFT, RATE, p)
        yield f"bank/chroma {norm}", lambda p=params: sg.build_chroma_filterbank(RATE, 512, p)
    yield "bank/gammatone", lambda: sg.gammatone_center_frequencies(sg.ErbParams(12, 100.0, 6000.0))


def _modulation(scale, dtype):
    spectrogram = sg.compute_mel_db_spectrogram(LONG, geometry(), sg.MelParams(20, 50.0, 7000.0), dtype=dtype)
    return sg.compute_stmtf(spectrogram, True, scale, dtype=dtype)


def _matrices():
    """Functions of matrices of features."""
    power = MEL_POWER
    magnitude = np.sqrt(np.asarray(sg.compute_linear_power_spectrogram(LONG[:6000], geometry())))
    for dtype in ("f8", "f4"):
        x = power.astype(dtype)
        yield f"matrix/power_to_db {dtype}", lambda x=x: sg.power_to_db(x, ref=np.max)
        yield f"matrix/power_to_db of 1 {dtype}", lambda x=x: sg.power_to_db(x, top_db=None)
        yield f"matrix/amplitude_to_db {dtype}", lambda x=x: sg.amplitude_to_db(x, ref=0.5)
        yield f"matrix/db_to_power {dtype}", lambda x=x: sg.db_to_power(-x % 7)
        yield f"matrix/db_to_amplitude {dtype}", lambda x=x: sg.db_to_amplitude(-x % 7, 2.0)
        yield f"matrix/add_deltas {dtype}", lambda x=x: sg.add_deltas(x)
        yield f"matrix/stack_frames {dtype}", lambda x=x: sg.stack_frames(x, 4, 3)
        yield f"matrix/pcen {dtype}", lambda x=x: sg.pcen(x, RATE, 160)
        yield (
            f"matrix/spec_augment {dtype}",
            lambda x=x: sg.spec_augment(x, seed=3, freq_width=8, time_width=20),
        )
        for mode in ("interp", "nearest", "mirror", "wrap", "constant"):
            yield f"matrix/delta {mode} {dtype}", lambda x=x, m=mode: sg.delta(x, 5, 1, m)
    yield "matrix/delta of order 2", lambda: sg.delta(power, 9, 2, axis=0)
    yield "matrix/pcen of its own", lambda: sg.pcen(power, RATE, 160, gain=0.8, bias=10.0, power=0.25)
    yield "matrix/spec_augment mean", lambda: sg.spec_augment(power, seed=(1, 2), value="mean")
    yield "matrix/pcen of huge energies", lambda: sg.pcen(power / power.max() * 1e305, RATE, 160)
    yield "matrix/griffin_lim of huge values", lambda: sg.griffin_lim(magnitude * 1e300, geometry(), n_iter=2)
    yield "matrix/power_to_db without a floor", lambda: sg.power_to_db(power, top_db=np.inf)
    yield "matrix/griffin_lim", lambda: sg.griffin_lim(magnitude, geometry(), n_iter=4)
    yield (
        "matrix/griffin_lim cut",
        lambda: sg.griffin_lim(magnitude, geometry(), n_iter=3, length=5500, seed=5),
    )
    yield (
        "matrix/invert_mel",
        lambda: sg.invert_mel(power[:, :20], geometry(), sg.MelParams(32, 20.0, 7600.0), n_iter=20),
    )


def _sources():
    """Sources of matrices."""
    yield "source/mfcc", lambda: sg.MfccSource(RATE, STFT, 40, MFCC).compute_matrix(SIGNAL)
    yield "source/chroma", lambda: sg.ChromaSource(RATE, STFT, CHROMA).compute_matrix(SIGNAL)


def cases():
    for group in (
        _fourier,
        _images,
        _lapped_and_convolution,
        _cues,
        _features,
        _matrices,
        _sources,
    ):
        yield from group()
