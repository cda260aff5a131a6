"""Whole calls from samples at librosa's defaults, for `peers.py`: what is done to spectra that are there.

Each kind has a closure of this package and one of librosa.
"""

import numpy as np

RATE = 22050.0


def params(sg):
    """librosa's frames."""
    return sg.SpectrogramParams(sg.StftParams(2048, 512, "hann", periodic=True), RATE)


def power(call, sg, x):
    """The row by which the others are judged: the transform alone."""
    plan = sg.SpectrogramPlan(params(sg), amplitude="power", dtype=call["dtype"])
    return lambda: plan.compute(x).data


def separate(call, sg, x):
    given = params(sg)
    return lambda: np.stack(sg.separate(x, given, dtype=call["dtype"], num_threads=1))


def octaves(sg, gamma=0.0):
    return sg.CqtParams(12, 7, 32.70319566257483, method="multirate", gamma=gamma)


def constant_q(call, sg, x):
    given = octaves(sg)
    return lambda: sg.cqt(x, RATE, given, 512, call["dtype"]).data


def variable_q(call, sg, x):
    given = octaves(sg, 24.7 / 0.108 / octaves(sg).q_factor)
    return lambda: sg.cqt(x, RATE, given, 512, call["dtype"]).data


def hybrid_q(call, sg, x):
    given = octaves(sg)
    return lambda: sg.hybrid_cqt(x, RATE, given, 512, call["dtype"])


def inverse_q(call, sg, x):
    transform = sg.cqt(x, RATE, octaves(sg), 512, call["dtype"])
    return lambda: sg.icqt(transform, n_samples=len(x))


def stretch(call, sg, x):
    given = params(sg)
    return lambda: sg.time_stretch(x, given, 1.5, dtype=call["dtype"], num_threads=1)


def pcen(call, sg, x):
    mel = sg.MelParams(128, 0.0, RATE / 2, norm="slaney")
    plan = sg.SpectrogramPlan(params(sg), mel, "power", dtype=call["dtype"])
    return lambda: sg.pcen(plan.compute(x), RATE, 512)


def bark(call, sg, x):
    plan = sg.SpectrogramPlan(params(sg), sg.BarkParams(24, 0.0, RATE / 2), "power", dtype=call["dtype"])
    return lambda: plan.compute(x).data


def cepstrum(call, sg, x):
    stft = params(sg).stft
    return lambda: sg.compute_cepstrum(x, stft, RATE, call["dtype"]).data


def lfcc(call, sg, x):
    stft, rows = params(sg).stft, sg.LfccParams()
    return lambda: sg.compute_lfcc(x, stft, RATE, rows, call["dtype"]).data


def tonal_space(call, sg, x):
    plan = sg.TonnetzPlan(params(sg).stft, RATE, sg.ChromaStftParams(), call["dtype"])
    return lambda: plan.compute(x).data


def tonal_space_of_librosa(librosa, x):
    classes = librosa.feature.chroma_stft(y=x, sr=RATE, tuning=0.0, dtype=x.dtype)
    return librosa.feature.tonnetz(chroma=classes)


def one_shot(name, *, array=lambda result: result.data):
    """A function of this package with librosa's name, defaults and numbers."""

    def make(call, sg, x):
        compute = getattr(sg, name)
        return lambda: array(compute(x, RATE, dtype=call["dtype"]))

    return make


def of_onsets(name, array=lambda result: result):
    def make(call, sg, x):
        compute = getattr(sg, name)
        return lambda: array(compute(sg.onset_strength(x, RATE, dtype=call["dtype"])))

    return make


OURS = {
    "bark": bark,
    "cepstrum": cepstrum,
    "constant q": constant_q,
    "variable q": variable_q,
    "hybrid q": hybrid_q,
    "inverse q": inverse_q,
    "defaults pcen": pcen,
    "defaults power": power,
    "separate": separate,
    "time_stretch": stretch,
    "chroma_stft": one_shot("chroma_stft"),
    "chroma_cqt": one_shot("chroma_cqt"),
    "chroma_cens": one_shot("chroma_cens", array=lambda result: result),
    "tonnetz": tonal_space,
    "lfcc": lfcc,
    "piptrack": one_shot("piptrack", array=lambda result: result[0]),
    "reassigned": one_shot("reassigned_spectrogram", array=lambda result: result.parts[0]),
    "spectral_contrast": one_shot("spectral_contrast"),
    "onset_strength": one_shot("onset_strength", array=lambda result: result.data[0]),
    "tempogram": of_onsets("tempogram"),
    "fourier_tempogram": of_onsets("fourier_tempogram", lambda result: result.data),
}


def onsets(librosa, x):
    return librosa.onset.onset_strength(y=x, sr=RATE, dtype=x.dtype)


def triangles(edges, dtype):
    """Triangles of height 1 between points in Hz, over librosa's bins."""
    f = np.arange(1025) * RATE / 2048
    left, peak, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    up, down = (f - left) / (peak - left), (right - f) / (right - peak)
    return np.clip(np.minimum(up, down), 0, None).astype(dtype)


def bark_of_librosa(librosa, x):
    """What one does who wants Bark bands there: a matrix over the powers."""
    f = np.array([0.0, RATE / 2])
    z = 26.81 * f / (1960 + f) - 0.53
    z = z + 0.15 * np.maximum(2 - z, 0) + 0.22 * np.maximum(z - 20.1, 0)
    z = np.linspace(*z, 26)
    z = np.where(z < 2, (z - 0.3) / 0.85, np.where(z > 20.1, (z + 4.422) / 1.22, z))
    return triangles(1960 * (z + 0.53) / (26.28 - z), x.dtype) @ (np.abs(librosa.stft(x)) ** 2)


def lfcc_of_librosa(librosa, x):
    import scipy.fft

    power = triangles(np.linspace(0, RATE / 2, 130), x.dtype) @ (np.abs(librosa.stft(x)) ** 2)
    return scipy.fft.dct(librosa.power_to_db(power, top_db=None), axis=0, norm="ortho")[:40]


def cepstrum_of_librosa(librosa, x):
    return np.fft.irfft(np.log(np.abs(librosa.stft(x))), axis=0)[:1025]


_KEPT = {}


def inverse_of_librosa(librosa, x):
    if id(x) not in _KEPT:
        _KEPT[id(x)] = x, librosa.cqt(x)  # with the samples, so that no others have their number
    return librosa.icqt(_KEPT[id(x)][1], length=len(x))


# Weights are of the dtype of the samples, as ours are.
LIBROSA = {
    "bark": bark_of_librosa,
    "cepstrum": cepstrum_of_librosa,
    "constant q": lambda librosa, x: librosa.cqt(x),
    "variable q": lambda librosa, x: librosa.vqt(x),
    "hybrid q": lambda librosa, x: librosa.hybrid_cqt(x),
    "inverse q": inverse_of_librosa,
    "defaults pcen": lambda librosa, x: librosa.pcen(librosa.feature.melspectrogram(y=x, dtype=x.dtype)),
    "defaults power": lambda librosa, x: np.abs(librosa.stft(x)) ** 2,
    "time_stretch": lambda librosa, x: librosa.effects.time_stretch(x, rate=1.5),
    "separate": lambda librosa, x: np.stack(librosa.effects.hpss(x)),
    "chroma_stft": lambda librosa, x: librosa.feature.chroma_stft(y=x, sr=RATE, dtype=x.dtype),
    "chroma_cqt": lambda librosa, x: librosa.feature.chroma_cqt(y=x, sr=RATE),
    "chroma_cens": lambda librosa, x: librosa.feature.chroma_cens(y=x, sr=RATE),
    "tonnetz": tonal_space_of_librosa,
    "lfcc": lfcc_of_librosa,
    "piptrack": lambda librosa, x: librosa.piptrack(y=x, sr=RATE)[0],
    "reassigned": lambda librosa, x: librosa.reassigned_spectrogram(x, sr=RATE)[0],
    "spectral_contrast": lambda librosa, x: librosa.feature.spectral_contrast(y=x, sr=RATE),
    "onset_strength": onsets,
    "tempogram": lambda librosa, x: librosa.feature.tempogram(onset_envelope=onsets(librosa, x), sr=RATE),
    "fourier_tempogram": lambda librosa, x: librosa.feature.fourier_tempogram(
        onset_envelope=onsets(librosa, x), sr=RATE
    ),
}
