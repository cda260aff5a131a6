"""``compute --feature``: what is no spectrogram, as the plans of the same parameters compute it."""

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.cli.options import FEATURES

from ..support.command import run
from ..support.together import together

STFT = sg.StftParams(1024, 256, "hanning")


def plan_of(feature, rate):
    mel = sg.MelParams(128, 0.0, rate / 2, "slaney")
    plans = {
        "mfcc": lambda: sg.MfccPlan(STFT, rate, 40, sg.MfccParams(13), "float32"),
        "chroma": lambda: sg.ChromaPlan(STFT, rate, sg.ChromaStftParams(24, 0.1), "float32"),
        "chroma_cqt": lambda: sg.ChromaPlan(STFT, rate, sg.ChromaCqtParams(18, 0.2), "float32"),
        "tonnetz": lambda: sg.TonnetzPlan(STFT, rate, sg.ChromaStftParams(24, 0.1), "float32"),
        "lfcc": lambda: sg.LfccPlan(STFT, rate, sg.LfccParams(20, 60, 100.0, 3000.0), "float32"),
        "cepstrum": lambda: sg.CepstrumPlan(STFT, rate, "float32"),
        "power_cepstrum": lambda: sg.CepstrumPlan(STFT, rate, "float32", kind="power"),
        "reassigned": lambda: sg.ReassignedPlan(STFT, rate, "float32"),
        "cens": lambda: sg.CensPlan(STFT, rate, sg.ChromaStftParams(24, 0.1), "float32"),
        "tempogram": lambda: sg.TempogramPlan(plan_of("onsets", rate)),
        "contrast": lambda: sg.ContrastPlan(STFT, rate, sg.ContrastParams(300.0, 3), "float32"),
        "onsets": lambda: sg.OnsetPlan(
            sg.SpectrogramParams(STFT, rate), mel, "db", sg.LogParams(-100.0), "float32"
        ),
    }
    return plans.get(feature, lambda: sg.DescriptorPlan(STFT, rate, feature, "float32"))()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:n_fft=1024")
@together("feature", FEATURES)
def test_files_hold_what_plans_compute(tone, tmp_path, feature):
    more = {
        "chroma": ["--n-chroma", "24", "--tuning", "0.1"],
        "chroma_cqt": ["--n-chroma", "18", "--tuning", "0.2"],
        "tonnetz": ["--n-chroma", "24", "--tuning", "0.1"],
        "cens": ["--n-chroma", "24", "--tuning", "0.1"],
        "lfcc": ["--n-lfcc", "20", "--n-filters", "60", "--f-min", "100", "--f-max", "3000"],
        "contrast": ["--f-min", "300", "--n-bands", "3"],
    }
    path = tmp_path / f"{feature}.npz"
    assert run("compute", tone, "-o", path, "--feature", feature, *more.get(feature, [])) == 0
    samples, rate = sg.read_audio(tone)
    plan = plan_of(feature, rate)
    expected = plan.compute(samples)
    found = type(expected).load(path)
    assert found.data.tobytes() == expected.data.tobytes()
    assert found._info == plan._info


@pytest.mark.slow
def test_plots_and_averages(tone, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    assert run("plot", tone, "-o", tmp_path / "chroma.png", "--feature", "chroma", "--waveform") == 0
    assert run("average", tone, "-o", tmp_path / "x.csv", "--feature", "rms") == 2
    assert "average takes spectrograms alone, got --feature rms" in capsys.readouterr().err
    assert run("compute", tone, "-o", tmp_path / "x.npy", "--feature", "chroma", "--json") == 0
    assert np.load(tmp_path / "x.npy").shape[0] == 12
