"""One result of each class, for tests of what they have in common."""

import numpy as np

import spectrograms as sg
from spectrograms.features.chroma import Chromagram
from spectrograms.features.fourier.result2d import Fft2dInfo, Fft2dResult
from spectrograms.features.spatial.binaural import (
    compute_ild_spectrogram,
    compute_ilr_spectrogram,
    compute_ipd_spectrogram,
    compute_itd_spectrogram,
)
from spectrograms.params import (
    ILDSpectrogramParams,
    ILRSpectrogramParams,
    IPDSpectrogramParams,
    ITDSpectrogramParams,
)

PARAMS = sg.SpectrogramParams(sg.StftParams(256, 64, "hann"), 8000.0)
CUES = {
    "ItdSpectrogram": (compute_itd_spectrogram, ITDSpectrogramParams),
    "IpdSpectrogram": (compute_ipd_spectrogram, IPDSpectrogramParams),
    "IldSpectrogram": (compute_ild_spectrogram, ILDSpectrogramParams),
    "IlrSpectrogram": (compute_ilr_spectrogram, ILRSpectrogramParams),
}
NAMES = [
    "Spectrogram",
    "StftResult",
    "Chromagram",
    "Tonnetz",
    "Tempogram",
    "Cepstrum",
    "Contrast",
    "ReassignedSpectrogram",
    "OnsetStrength",
    "Mfcc",
    "Lfcc",
    "CqtResult",
    "Descriptor",
    "Fft2dResult",
    "StmtfResult",
    *CUES,
]
# Those whose rows have names.
LABELLED = ("Chromagram", "Tonnetz")


def noise(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def spectrogram(dtype="float64", n_samples=2000, seed=0):
    plan = sg.SpectrogramPlan(PARAMS, sg.MelParams(20, 0.0, 4000.0), "db", dtype=dtype)
    return plan.compute(noise(n_samples, seed=seed))


def result(name, dtype="float64"):
    """A small result of the class of that name, with real axes."""
    if name == "Spectrogram":
        return spectrogram(dtype)
    if name == "StmtfResult":
        return sg.compute_stmtf(spectrogram(dtype), dtype=dtype)
    if name == "Descriptor":
        return sg.DescriptorPlan(PARAMS.stft, 8000.0, "rms", dtype).compute(noise(2000))
    if name == "StftResult":
        return sg.compute_stft(noise(2000), PARAMS, dtype)
    if name in CUES:
        compute, params = CUES[name]
        return compute([noise(2000), noise(2000, seed=1)], params(PARAMS, 300.0, 3000.0), dtype)
    complex_dtype = {"float32": "complex64", "float64": "complex128"}[dtype]
    if name == "Fft2dResult":
        return Fft2dResult._from_array(np.fft.rfft2(noise(6, 9)).astype(complex_dtype), Fft2dInfo(9))
    if name == "Mfcc":
        return sg.compute_mfcc(noise(2000), PARAMS.stft, 8000.0, 40, sg.MfccParams(13), dtype)
    if name == "Lfcc":
        return sg.compute_lfcc(noise(2000), PARAMS.stft, 8000.0, sg.LfccParams(13, 40), dtype)
    if name == "Chromagram":
        return sg.compute_chromagram(noise(2000), PARAMS.stft, 8000.0, sg.ChromaParams(), dtype)
    if name == "Tonnetz":
        return sg.TonnetzPlan(PARAMS.stft, 8000.0, sg.ChromaStftParams(), dtype).compute(noise(2000))
    if name == "Tempogram":
        onsets = sg.OnsetPlan(PARAMS, dtype=dtype)
        return sg.TempogramPlan(onsets, win_length=9).compute(noise(2000))
    if name == "OnsetStrength":
        return sg.OnsetPlan(PARAMS, edges=(0, 20, 129), dtype=dtype).compute(noise(2000))
    if name == "Cepstrum":
        return sg.compute_cepstrum(noise(2000), PARAMS.stft, 8000.0, dtype)
    if name == "ReassignedSpectrogram":
        return sg.ReassignedPlan(PARAMS.stft, 8000.0, dtype).compute(noise(2000))
    if name == "Contrast":
        return sg.ContrastPlan(PARAMS.stft, 8000.0, sg.ContrastParams(500.0, 2), dtype).compute(noise(2000))
    assert name == "CqtResult"
    return sg.cqt(noise(18000), 8000.0, sg.CqtParams(12, 2, 500.0), 100, dtype)


def check_labels(labelled, result):
    """Compare the labels of another library's array or tensor with those of the result it was made from."""
    assert labelled.shape == result.shape
    assert labelled.params == getattr(result, "params", None)
    if isinstance(result, Chromagram | sg.Tonnetz):
        assert labelled.labels == result.labels
        assert labelled.n_frames == result.n_frames
        return
    assert labelled.db_range == (result.db_range() if isinstance(result, sg.Spectrogram) else None)
    for axis in ("frequencies", "times"):
        values = getattr(labelled, axis)
        assert values is None or values.dtype == np.float64
        assert (None if values is None else values.tolist()) == getattr(result, axis, None)
