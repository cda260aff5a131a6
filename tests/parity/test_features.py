"""MFCC and chroma against recorded results of the reference."""

import numpy as np
import pytest

import spectrograms as sg

from ..support.together import together
from . import runners
from .recorded import check, ids, is_kaiser, load, tolerance_of

# The reference has bands without bins, cut kernels and uncovered samples, too, and says nothing of it.
pytestmark = pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")

MFCCS = load("mfcc")
CHROMAS = load("chroma")


@pytest.mark.slow
@together("case, outputs", MFCCS, ids=ids(MFCCS))
def test_mfcc(case, outputs):
    # sums of dB values: the relative error of weak bands counts in full, be it the window's or, 100 dB below
    # the peak in float32, that of rounding (there the reference is 1.8e-5 off its own float64 result)
    tolerance = 1e-5 if is_kaiser(case) else tolerance_of(case)
    if case["dtype"] == "float32":
        tolerance = max(tolerance, 3e-5)
    check(runners.run_mfcc(sg, case)["data"], outputs["data"], tolerance)


@pytest.mark.slow
@together("case, outputs", CHROMAS, ids=ids(CHROMAS))
def test_chroma(case, outputs):
    check(runners.run_chroma(sg, case)["data"], outputs["data"], tolerance_of(case))


@pytest.mark.correction
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_nan_samples_are_nan_in_mfcc(dtype):
    case = {
        "n_fft": 256,
        "hop": 97,
        "window": ["hanning"],
        "centre": True,
        "sample_rate": 8000.0,
        "dtype": dtype,
    }
    case |= {"signal": ["noise", 4000, 1], "bad": "nan", "n_mels": 20, "n_mfcc": 13}
    touched = np.isnan(runners.run_stft(sg, case)["norm"]).any(axis=0)
    assert touched.any()
    assert not touched.all()
    found = np.isnan(runners.run_mfcc(sg, case)["data"])
    np.testing.assert_array_equal(found, np.broadcast_to(touched, found.shape))
