"""How each package computes the features of `accuracy.py`: (feature, samples, rate, dtype) -> array, or None.

Packages are imported when they are called: each has a process of its own.
"""

import exact
import exact_again as again
import exact_music as music
import exact_sound as sound
import numpy as np

N, HOP = exact.N, exact.HOP
SHAPE = {"n_fft": N, "hop_length": HOP}


def window_of_mdct():
    return np.sin(np.pi * (2 * np.arange(N) + 1) / (2 * N))


# --- this package, and the one in Rust --------------------------------------------------------------------


def package(feature, x, rate, dtype):
    """What both have; and what only this one has, if it is this one."""
    import spectrograms as sg

    calls = _common(sg, x, rate, dtype)
    if hasattr(sg, "DescriptorPlan"):
        calls |= _ours(sg, x, rate, dtype)
    if feature not in calls:
        return None
    found = calls[feature]()
    return np.asarray(getattr(found, "data", found))


def _common(sg, x, rate, dtype):
    frames = sg.StftParams(N, HOP, sg.WindowType.hanning, True)
    params = sg.SpectrogramParams(frames, rate)
    log = sg.LogParams(-80.0)
    mel = sg.MelParams(exact.N_MELS, 0.0, rate / 2, "slaney")
    ears = list(sound.ears(x))
    blocks = sg.MdctParams(N, N // 2, sg.WindowType.custom(window_of_mdct()))

    def inverse():
        spectra = np.asarray(sg.compute_stft(x, params, dtype).data)
        return sg.compute_istft(spectra, N, HOP, sg.WindowType.hanning, True, dtype)

    def whole(made):
        return made[N // 2 :][: N // 2 * ((len(x) - N) // (N // 2))]

    return {
        "STFT": lambda: sg.compute_stft(x, params, dtype),
        "inverse STFT of the STFT": inverse,
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
        "MDCT": lambda: sg.mdct(x, blocks, dtype),
        "inverse MDCT of the MDCT": lambda: whole(sg.imdct(sg.mdct(x, blocks, dtype), blocks, dtype=dtype)),
        "2-D FFT, 64 x 64": lambda: sg.fft2d(sound.image(x), dtype=dtype),
        "FFT of 1000": lambda: sg.compute_fft(x[: sound.N_FFT], sound.N_FFT, dtype),
        "convolution of images": lambda: sg.convolve_fft(sound.image(x), sound.kernel(x), dtype=dtype),
        "interaural level difference": lambda: sg.compute_ild_spectrogram(
            ears, sg.ILDSpectrogramParams(params), dtype
        ),
        "interaural level ratio": lambda: sg.compute_ilr_spectrogram(
            ears, sg.ILRSpectrogramParams(params), dtype
        ),
        "interaural phase difference": lambda: sg.compute_ipd_spectrogram(
            ears, sg.IPDSpectrogramParams(params), dtype
        ),
        "interaural time difference": lambda: sg.compute_itd_spectrogram(
            ears, sg.ITDSpectrogramParams(params), dtype
        ),
    }


def _ours(sg, x, rate, dtype):
    frames = sg.StftParams(N, HOP, "hanning", True)
    params = sg.SpectrogramParams(frames, rate)
    periodic = sg.SpectrogramParams(sg.StftParams(N, HOP, "hanning", True, periodic=True), rate)
    shape = {"n_fft": N, "hop_size": HOP, "dtype": dtype}

    def describe(name):
        return sg.DescriptorPlan(frames, rate, name, dtype).compute(x)

    def density():
        stft = sg.StftParams(N, HOP, "hanning", False)
        return sg.welch(x, sg.SpectrogramParams(stft, rate, scaling="density", detrend="constant"))[1]

    names = ("centroid", "bandwidth", "rolloff", "flatness", "crest", "entropy", "slope")
    return (
        {name: lambda name=name: describe(name) for name in names}
        | {
            "RMS": lambda: describe("rms"),
            "zero crossings": lambda: describe("zcr"),
            "Bark power": lambda: sg.compute_bark_power_spectrogram(
                x, params, sg.BarkParams(exact.N_BARKS, 0.0, rate / 2), dtype=dtype
            ),
            "octave power": lambda: sg.compute_octave_power_spectrogram(
                x, params, sg.OctaveParams(3, exact.F_MIN["octave"], exact.OCTAVE_MAX), dtype=dtype
            ),
            "gammatone filters": lambda: sg.gammatone_iir_spectrogram(
                x, rate, N, HOP, sg.ErbParams(*sound.GAMMATONE), dtype
            )[0],
            "power spectral density": density,
            "delta": lambda: sg.delta(sound.table(x)),
            "convolution": lambda: sg.fft_convolve(sound.part(x), sound.response(x), dtype=dtype),
            "convolution in blocks": lambda: sg.OverlapSaveConvolver(sound.response(x), 512, dtype).process(
                sound.part(x)
            ),
            "constant Q": lambda: sg.cqt(x, rate, sg.CqtParams(*exact.CQT), HOP, dtype),
            "constant Q, a rate for each octave": lambda: sg.cqt(
                x, rate, sg.CqtParams(*music.SLOW, method="multirate"), HOP, dtype
            ),
            "chroma of powers": lambda: sg.chroma_stft(x, rate, tuning=0.0, **shape),
            "tonal space": lambda: sg.tonnetz(music.classes(x)),
            "spectral contrast": lambda: sg.spectral_contrast(
                x, rate, n_bands=music.BANDS, f_min=music.LOWEST, **shape
            ),
            "onset strength": lambda: sg.onset_strength(x, rate, n_mels=music.ONSET_MELS, **shape),
            "tempogram": lambda: sg.tempogram(music.onsets(x), win_length=music.WIN),
            "Fourier tempogram": lambda: sg.fourier_tempogram(music.onsets(x), win_length=music.WIN),
            "harmonic and percussive parts": lambda: np.concatenate(sg.hpss(music.magnitudes(x))),
            "time stretching": lambda: sg.time_stretch(x, periodic, music.RATE_OF_STRETCH, dtype=dtype),
            "PCEN": lambda: sg.pcen(music.energies(x), rate, HOP, **music.PCEN),
        }
        | _again(sg, x, rate, dtype)
    )


def _again(sg, x, rate, dtype):
    frames = sg.StftParams(N, HOP, "hanning", True)
    params = sg.SpectrogramParams(frames, rate)
    bands = sg.MelParams(again.N_MELS, 0.0, rate / 2, "slaney")

    def reassigned():
        return sg.reassigned_spectrogram(
            x, rate, n_fft=N, hop_size=HOP, ref_power=0.0, fill_nan=True, clip=False, dtype=dtype
        ).parts

    def modulation():
        return sg.compute_stmtf(sg.compute_mel_power_spectrogram(x, params, bands, dtype=dtype), dtype=dtype)

    return {
        "LFCC": lambda: sg.compute_lfcc(x, frames, rate, sg.LfccParams(again.N_LFCC, again.N_FILTERS), dtype),
        "cepstrum": lambda: sg.compute_cepstrum(x, frames, rate, dtype),
        "power cepstrum": lambda: sg.CepstrumPlan(frames, rate, dtype, kind="power").compute(x),
        "reassigned frequencies": lambda: _off_bins(rate, *reassigned()),
        "reassigned times": lambda: _off_frames(rate, *reassigned()),
        "smoothed pitch classes": lambda: sg.cens(music.classes(x), smoothing=again.SMOOTHING),
        "modulation spectrum": modulation,
        "A-weighted levels": lambda: sg.compute_linear_db_spectrogram(
            x, params, sg.LogParams(-80.0, weighting="A"), dtype=dtype
        ),
    }


def _off_bins(rate, frequencies, times, magnitudes):
    """How far energy is from its bin, times its magnitude."""
    return (frequencies - np.arange(len(frequencies))[:, None] * (rate / N)) * magnitudes


def _off_frames(rate, frequencies, times, magnitudes):
    """How far energy is from the time of its frame, times its magnitude."""
    return (times - np.arange(times.shape[1]) * (HOP / rate)) * magnitudes


# --- others -----------------------------------------------------------------------------------------------


def librosa(feature, x, rate, dtype):
    import librosa as lr

    framed = SHAPE | {"window": np.hanning(N), "center": True, "pad_mode": "constant"}
    plain = SHAPE | {"sr": rate}
    bare = {"frame_length": N, "hop_length": HOP}

    def spectra():
        return lr.stft(x, **framed)

    def mel():
        bank = lr.filters.mel(sr=rate, n_fft=N, n_mels=exact.N_MELS, norm="slaney", dtype=dtype)
        return bank @ np.abs(spectra()) ** 2

    def of_magnitudes(name, **more):
        return getattr(lr.feature, name)(S=np.abs(spectra()), **more)

    def decibels(power):
        return lr.power_to_db(power, amin=1e-8, top_db=None)

    def reassigned():
        return lr.reassigned_spectrogram(
            x, **plain, ref_power=0.0, fill_nan=True, clip=False, dtype=np.result_type(dtype, np.complex64)
        )

    def weighted():
        levels = lr.power_to_db(np.abs(spectra()) ** 2, amin=1e-30, top_db=None)
        return np.maximum(levels + lr.A_weighting(np.fft.rfftfreq(N, 1 / rate))[:, None], -80)

    calls = {
        "STFT": spectra,
        "inverse STFT of the STFT": lambda: lr.istft(
            spectra(), n_fft=N, hop_length=HOP, window=np.hanning(N), center=True
        ),
        "magnitude": lambda: np.abs(spectra()),
        "power": lambda: np.abs(spectra()) ** 2,
        "power, dB": lambda: decibels(np.abs(spectra()) ** 2),
        "mel power": mel,
        "mel, dB": lambda: decibels(mel()),
        "centroid": lambda: of_magnitudes("spectral_centroid", sr=rate, n_fft=N),
        "bandwidth": lambda: of_magnitudes("spectral_bandwidth", sr=rate, n_fft=N),
        "rolloff": lambda: of_magnitudes("spectral_rolloff", sr=rate, n_fft=N),
        "flatness": lambda: of_magnitudes("spectral_flatness"),
        "RMS": lambda: lr.feature.rms(y=x, **bare, center=True, pad_mode="constant", dtype=dtype),
        "zero crossings": lambda: lr.feature.zero_crossing_rate(
            np.pad(x, N // 2), **bare, center=False, threshold=1e-10
        ),
        "delta": lambda: lr.feature.delta(sound.table(x)),
        "constant Q, a rate for each octave": lambda: _librosa_cqt(lr, x, rate, dtype),
        "chroma of powers": lambda: lr.feature.chroma_stft(y=x, **plain, tuning=0.0, dtype=dtype),
        "tonal space": lambda: lr.feature.tonnetz(chroma=music.classes(x)),
        "spectral contrast": lambda: lr.feature.spectral_contrast(
            y=x, **plain, n_bands=music.BANDS, fmin=music.LOWEST
        ),
        "onset strength": lambda: lr.onset.onset_strength(y=x, **plain, n_mels=music.ONSET_MELS, dtype=dtype)[
            None
        ],
        "tempogram": lambda: lr.feature.tempogram(onset_envelope=music.onsets(x), win_length=music.WIN),
        "Fourier tempogram": lambda: lr.feature.fourier_tempogram(
            onset_envelope=music.onsets(x), win_length=music.WIN
        ),
        "harmonic and percussive parts": lambda: np.concatenate(lr.decompose.hpss(music.magnitudes(x))),
        "time stretching": lambda: lr.effects.time_stretch(x, rate=music.RATE_OF_STRETCH, **SHAPE),
        "PCEN": lambda: lr.pcen(music.energies(x), sr=rate, hop_length=HOP, **music.PCEN),
        "reassigned frequencies": lambda: _off_bins(rate, *reassigned()),
        "reassigned times": lambda: _off_frames(rate, *reassigned()),
        "A-weighted levels": weighted,
    }
    return calls[feature]() if feature in calls else None


def _librosa_cqt(lr, x, rate, dtype):
    per_octave, octaves, low = music.SLOW
    bins = {"n_bins": per_octave * octaves, "bins_per_octave": per_octave}
    kind = np.result_type(dtype, np.complex64)
    return lr.cqt(x, sr=rate, hop_length=HOP, fmin=low, **bins, sparsity=0, dtype=kind)


def scipy(feature, x, rate, dtype):
    import scipy.fft
    import scipy.ndimage
    import scipy.signal

    def spectra():
        padded = np.pad(x, N // 2)
        rows = np.lib.stride_tricks.sliding_window_view(padded, N)[::HOP] * np.hanning(N).astype(dtype)
        return scipy.fft.rfft(rows).T

    def convolved():
        return scipy.signal.oaconvolve(sound.part(x), sound.response(x))

    calls = {
        "2-D FFT, 64 x 64": lambda: scipy.fft.rfft2(sound.image(x)),
        "FFT of 1000": lambda: scipy.fft.rfft(x[: sound.N_FFT]),
        "convolution": lambda: scipy.signal.fftconvolve(sound.part(x), sound.response(x)),
        "convolution in blocks": lambda: convolved()[: len(sound.part(x))],
        "convolution of images": lambda: scipy.ndimage.convolve(sound.image(x), sound.kernel(x), mode="wrap"),
        "power spectral density": lambda: scipy.signal.welch(
            x, rate, np.hanning(N).astype(dtype), N, N - HOP
        )[1],
        "delta": lambda: scipy.signal.savgol_filter(sound.table(x), 9, deriv=1, polyorder=1, axis=-1),
    }
    return calls[feature]() if feature in calls else _of_spectra(feature, spectra)


def torch(feature, x, rate, dtype):
    import torch

    values = torch.from_numpy(x.copy())
    window = torch.from_numpy(np.hanning(N).astype(dtype))
    shape = SHAPE | {"window": window, "center": True}

    def spectra():
        return torch.stft(values, **shape, pad_mode="constant", return_complex=True)

    def convolved():
        response = torch.from_numpy(sound.response(x).copy()).flip(0)
        part = torch.nn.functional.pad(torch.from_numpy(sound.part(x).copy()), (sound.TAPS - 1,) * 2)
        return torch.nn.functional.conv1d(part[None, None], response[None, None])[0, 0]

    calls = {
        "2-D FFT, 64 x 64": lambda: torch.fft.rfft2(values[:4096].reshape(64, 64)),
        "FFT of 1000": lambda: torch.fft.rfft(values[: sound.N_FFT]),
        "inverse STFT of the STFT": lambda: torch.istft(spectra(), **shape),
        "convolution": convolved,
    }
    if feature in calls:
        return calls[feature]().numpy()
    return _of_spectra(feature, lambda: spectra().numpy())


def _of_spectra(feature, compute):
    if feature not in ("STFT", "power", "magnitude", "power, dB"):
        return None
    spectra = compute()
    power = spectra.real**2 + spectra.imag**2
    return {
        "STFT": spectra,
        "power": power,
        "magnitude": np.abs(spectra),
        "power, dB": 10 * np.log10(np.maximum(power, power.dtype.type(1e-8))),
    }[feature]


CALLS = {
    "spectrograms": package,
    "reference": package,
    "librosa": librosa,
    "scipy": scipy,
    "torch": torch,
}
