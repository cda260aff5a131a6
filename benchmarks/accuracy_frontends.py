"""Frontends and toolkits beside the definitions in float64: the second part of `accuracy.py`.

The definitions are those of the tests (`tests/support/frontend_oracles.py`): plain NumPy, dense matrices,
whole signals. Toolkits are called with their defaults, as the frontends are.
"""

import sys
from pathlib import Path

import numpy as np

RATE = 16000
LIBROSA = 22050
#: What has to be said of those that have no defaults.
PARAMS = {
    "tf_stft_magnitude": {"frame_length": 400, "frame_step": 160},
    "tf_logmel": {"frame_length": 400, "frame_step": 160},
    "tf_mfcc": {"frame_length": 400, "frame_step": 160},
    "tf_audio_spectrogram": {"window_size": 480, "stride": 160},
    "tf_speech_commands_mfcc": {"window_size": 480, "stride": 160},
    "scipy_shorttimefft": {"nperseg": 400, "hop": 160},
}
#: Whose values are proportional to the samples or to their powers: the others are logarithms.
LINEAR = {"tf_stft_magnitude", "tf_audio_spectrogram"}
LINEAR |= {"librosa_melspectrogram", "torchaudio_melspectrogram", "torchaudio_spectrogram"}
LINEAR |= {"scipy_stft", "scipy_spectrogram", "scipy_shorttimefft"}


def made_for(name, precision):
    import spectrograms as sg

    params = PARAMS.get(name, {})
    try:
        return sg.frontend(name, precision=precision, **params)
    except (TypeError, ValueError):  # has no rate of its own
        rate = LIBROSA if name.startswith("librosa") else RATE
        return sg.frontend(name, sample_rate=rate, precision=precision, **params)


def expected(name, x):
    """By the definition."""
    root = str(Path(__file__).resolve().parents[1])
    if root not in sys.path:
        sys.path.append(root)  # behind the installed package
    from tests.support.frontend_oracles import oracle_of

    made = made_for(name, "float64")
    return oracle_of(name)(x.astype(np.float64), made.sample_rate, made.params)


def ours(name, x, precision):
    return made_for(name, precision).compute(x)


def _native(kind, x):
    import kaldi_native_fbank as knf

    options = getattr(knf, f"{kind}Options")()
    options.frame_opts.dither = 0
    computer = getattr(knf, f"Online{kind}")(options)
    computer.accept_waveform(RATE, x.tolist())
    computer.input_finished()
    return np.array([computer.get_frame(i) for i in range(computer.num_frames_ready)], np.float32)


def installed(name, x):
    """librosa, kaldi-native-fbank or SciPy: what this interpreter has."""
    if name.startswith("librosa"):
        import librosa

        sound = {"y": x, "sr": LIBROSA}
        if name == "librosa_mfcc":
            return librosa.feature.mfcc(**sound)
        mel = librosa.feature.melspectrogram(**sound)
        return mel if name == "librosa_melspectrogram" else librosa.power_to_db(mel)
    if name in ("kaldi_fbank", "kaldi_mfcc"):
        return _native("Fbank" if name == "kaldi_fbank" else "Mfcc", x)
    if name in ("scipy_stft", "scipy_spectrogram"):
        from scipy import signal

        return getattr(signal, name.removeprefix("scipy_"))(x, RATE)[2]
    return None


def torchaudio(name, x):
    """What is in an interpreter with PyTorch and torchaudio; None of others."""
    if not name.startswith("torchaudio"):
        return None
    import torch
    from torchaudio.compliance import kaldi
    from torchaudio.transforms import LFCC, MFCC, AmplitudeToDB, MelSpectrogram, Spectrogram

    sound = torch.from_numpy(x.copy())
    if name.startswith("torchaudio_kaldi"):
        return getattr(kaldi, name.removeprefix("torchaudio_kaldi_"))(sound[None]).numpy()
    calls = {
        "torchaudio_spectrogram": Spectrogram,
        "torchaudio_melspectrogram": lambda: MelSpectrogram(RATE),
        "torchaudio_logmel_db": lambda: torch.nn.Sequential(MelSpectrogram(RATE), AmplitudeToDB()),
        "torchaudio_mfcc": lambda: MFCC(RATE),
        "torchaudio_lfcc": lambda: LFCC(RATE),
    }
    return calls[name]()(sound).numpy()


def error(name, found, wanted):
    """The worst difference over the largest value, of logarithms over 1 at least; None of nothing."""
    if found is None or isinstance(found, str):
        return found
    if found.shape != wanted.shape:
        return f"shape {found.shape}, not {wanted.shape}"
    found = found.astype(np.result_type(found, np.float64))
    with np.errstate(invalid="ignore"):
        apart = np.abs(found - wanted)
    apart[(found == wanted) | (np.isnan(found) & np.isnan(wanted))] = 0  # infinities and what is no number
    finite = np.abs(wanted[np.isfinite(wanted)])
    peak = max(finite.max() if finite.size else 0, 0 if name in LINEAR else 1)
    worst = apart.max() if apart.size else 0.0
    return float(worst / peak) if peak > 0 else float(worst)
