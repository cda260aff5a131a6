"""What is said of a configuration that can be computed, but not as it seems: once, when it is made."""

import copy
import inspect
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._frontends.toolkits.catalogue import definition_of
from spectrograms.cli import main

from ..support.together import together

PARAMS = sg.SpectrogramParams(sg.StftParams(256, 80, "hann"), 16000)
MEL = sg.MelParams(128, 0.0, 8000.0)
X = np.random.default_rng(0).standard_normal(4000)


def said(make):
    """The texts of the warnings that come up, each as often as it does."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make()
    assert all(warning.category is sg.SpectrogramWarning for warning in caught)
    return [str(warning.message) for warning in caught]


def test_case_4_1_a_set_of_features_says_all_in_one():
    features = {"mel": MEL, "db": (MEL, "db"), "rms": "rms", "cepstrum": (sg.MfccParams(13), 128)}

    def make():
        made = sg.FeatureSet(STFT, 16000, features)
        pickle.loads(pickle.dumps(made)).compute(X)
        sg.FeatureSet.from_json(made.to_json())
        sg.warmup([made])

    (text,) = said(make)
    assert text.count("13 of 128 bands hold no bin") == 3
    for name in ("mel", "db", "cepstrum"):
        assert text.count(f"(features['{name}'])") == 1


def silent_rows(plan):
    """Rows that are zero for noise, which is what a band without a bin gives."""
    return np.flatnonzero(~plan.compute(X).data.any(axis=1)).tolist()


def test_case_4_1_mel_bands_without_a_bin_are_named():
    (text,) = said(lambda: sg.SpectrogramPlan(PARAMS, MEL))
    assert text.startswith("13 of 128 bands hold no bin")
    assert "a larger n_fft or fewer bands" in text
    with pytest.warns(sg.SpectrogramWarning):
        plan = sg.SpectrogramPlan(PARAMS, MEL)
    rows = silent_rows(plan)
    assert len(rows) == 13
    assert ", ".join(map(str, rows[:6])) + " and 7 more" in text
    assert plan.conventions["empty bands"] == f"13 of 128 hold no bin: {str(rows[:6])[1:-1]} and 7 more"
    assert plan.compute(X)._info.conventions() == plan.conventions
    fitting = sg.SpectrogramPlan(PARAMS, sg.MelParams(40, 0.0, 8000.0))
    assert "empty bands" not in fitting.conventions


STFT = PARAMS.stft
EMPTY = {
    "plan": lambda: sg.SpectrogramPlan(PARAMS, MEL),
    "magnitude": lambda: sg.SpectrogramPlan(PARAMS, MEL, "magnitude"),
    "decibels": lambda: sg.SpectrogramPlan(PARAMS, MEL, "db", dtype="float32"),
    "planner": lambda: sg.SpectrogramPlanner().mel_power_plan(PARAMS, MEL),
    "mfcc": lambda: sg.MfccPlan(STFT, 16000, 128, sg.MfccParams(13)),
    "mfcc of the planner": lambda: sg.SpectrogramPlanner().mfcc_plan(STFT, 16000, 128, sg.MfccParams(13)),
    "mfcc function": lambda: sg.compute_mfcc(X, STFT, 16000, 127, sg.MfccParams(13)),
    "mel function": lambda: sg.compute_mel_power_spectrogram(X, PARAMS, sg.MelParams(127, 0.0, 8000.0)),
    "chroma": lambda: sg.ChromaPlan(STFT, 16000, sg.ChromaParams(f_min=70.0, f_max=100.0)),
    "chroma function": lambda: sg.compute_chromagram(
        X, STFT, 16000, sg.ChromaParams(f_min=71.0, f_max=100.0)
    ),
    "chroma of a spectrogram": lambda: sg.chromagram_from_spectrogram(
        np.ones((129, 3)), 16000, 256, sg.ChromaParams(f_min=72.0, f_max=100.0)
    ),
    "chroma bank": lambda: sg.build_chroma_filterbank(16000, 256, sg.ChromaParams(f_min=70.0, f_max=100.0)),
    "set": lambda: sg.FeatureSet(STFT, 16000, {"mel": MEL, "rms": "rms"}),
    "inversion": lambda: sg.invert_mel(np.ones((126, 2)), PARAMS, sg.MelParams(126, 0.0, 8000.0), n_iter=2),
    "torchaudio": lambda: sg.frontend("torchaudio_melspectrogram", n_fft=256),
    "lfcc": lambda: sg.frontend("torchaudio_lfcc", n_fft=100, n_filter=128, n_lfcc=20),
    "kaldi": lambda: sg.frontend("kaldi_fbank", num_mel_bins=140),
    "librosa": lambda: sg.frontend("librosa_mfcc", n_fft=256),
    "nemo": lambda: sg.frontend("nemo_mel", n_mels=300),
}


@pytest.mark.parametrize("kind", EMPTY)
def test_case_4_1_whoever_makes_bands_without_a_bin_hears_it_once(kind):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        EMPTY[kind]()
    (warning,) = caught
    assert warning.category is sg.SpectrogramWarning
    assert "no bin" in str(warning.message)
    # At the line of the user.
    assert warning.filename == __file__
    lines, first = inspect.getsourcelines(EMPTY[kind])
    assert first <= warning.lineno < first + len(lines)


def test_case_4_1_never_twice_for_one_plan():
    def use():
        plan = sg.SpectrogramPlan(PARAMS, MEL, dtype="float32")
        for twin in (plan, copy.copy(plan), copy.deepcopy(plan), pickle.loads(pickle.dumps(plan)),
                     sg.SpectrogramPlan.from_dict(plan.to_dict()),
                     sg.SpectrogramPlan.from_json(plan.to_json())):  # fmt: skip
            assert twin == plan
            twin.compute(X)
            twin.compute_batch([X, X])
            twin.stream().push(X)
            assert "empty bands" in twin.conventions
        sg.warmup([plan, plan.to_dict()])

    assert len(said(use)) == 1
    features = sg.MelParams(125, 0.0, 8000.0)

    def use_set():
        made = sg.FeatureSet(STFT, 16000, {"mel": features})
        for twin in (made, copy.copy(made), pickle.loads(pickle.dumps(made)),
                     sg.FeatureSet.from_json(made.to_json())):  # fmt: skip
            twin.compute_batch([X, X])

    assert len(said(use_set)) == 1
    one_shot = sg.MelParams(124, 0.0, 8000.0)
    assert len(said(lambda: [sg.compute_mel_db_spectrogram(X, PARAMS, one_shot) for _ in range(5)])) == 1

    def use_frontend():
        made = sg.frontend("torchaudio_melspectrogram", n_fft=256)
        for twin in (made, copy.copy(made), pickle.loads(pickle.dumps(made)),
                     sg.Frontend.from_json(made.to_json())):  # fmt: skip
            twin.compute_batch([X, X])
            twin.stream().push(X)

    assert len(said(use_frontend)) == 1


def test_case_4_1_a_plan_that_warns_as_an_error_is_not_kept():
    bands = sg.MelParams(123, 0.0, 8000.0)
    for _ in range(2):
        with pytest.raises(sg.SpectrogramWarning, match="hold no bin"):
            sg.compute_mel_power_spectrogram(X, PARAMS, bands)


def given(name, rate):
    row = definition_of(name)
    return {key: rate // 30 for key, kind in row.parameters.items() if kind.required}


@pytest.mark.slow
@together("rate", [None, 8000, 16000, 22050, 48000])
@together("name", sorted(sg.frontends()))
def test_case_4_1_frontends_with_their_own_defaults_say_nothing(name, rate):
    row = definition_of(name)
    if row.fixed or (rate is None and row.rate is not None):
        rate = row.rate
    elif rate is None:
        rate = 16000
    try:
        made = sg.frontend(name, sample_rate=rate, **given(name, rate))  # warnings are errors
    except sg.InvalidInputError:
        return  # this rate is none for these defaults
    # The fact is there all the same.
    bank = made._runner.recipe.bank
    empty = 0 if bank is None else int((bank.lengths == 0).sum())
    assert made.conventions.get("empty bands", "0 of").startswith(f"{empty} of")


def test_case_4_1_what_leaves_the_bands_as_they_are_says_nothing():
    usual = sg.frontend("torchaudio_melspectrogram")
    assert usual.conventions["empty bands"] == "4 of 128 hold no bin: 0, 3, 6, 13"
    other = sg.frontend("torchaudio_melspectrogram", power=1.0, norm="slaney", hop_length=100)
    assert other.conventions["empty bands"] == usual.conventions["empty bands"]
    with pytest.warns(sg.SpectrogramWarning, match=r"^1 of 100 bands holds no bin of the transform"):
        sg.frontend("torchaudio_melspectrogram", n_mels=100)


def test_case_4_1_bands_beyond_half_the_rate():
    with pytest.warns(sg.SpectrogramWarning, match="a range that ends at half the sample rate"):
        made = sg.frontend("torchaudio_melspectrogram", sample_rate=8000, n_fft=2048, f_max=8000.0)
    assert "empty bands" in made.conventions


def test_case_4_3_cut_kernels_are_counted_whoever_makes_the_plan():
    params, octaves = sg.SpectrogramParams(sg.StftParams(2048, 512, "hann"), 22050), sg.CqtParams(12, 7, 32.7)
    lengths = np.round(octaves.q_factor * 22050 / (32.7 * 2 ** (np.arange(84) / 12)))
    assert (lengths > 2048).sum() == 30
    starts = (
        f"kernels of 30 of 84 bins are cut to 2048 samples: below {octaves.q_factor * 22050 / 2048:.4g} Hz"
    )
    for make in (
        lambda: sg.SpectrogramPlan(params, octaves),
        lambda: sg.SpectrogramPlanner().cqt_db_plan(params, octaves),
        lambda: sg.compute_cqt_magnitude_spectrogram(X, params, octaves),
        lambda: sg.FeatureSet(params.stft, 22050, {"cqt": octaves}),
        lambda: sg.cqt(X[:2048], 22050, octaves, 512),
    ):
        (text,) = said(make)
        assert text.startswith(starts)
    assert said(lambda: sg.cqt(X[:2048], 22050, octaves, 512)) == []
    with pytest.warns(sg.SpectrogramWarning):
        plan = sg.SpectrogramPlan(params, octaves)
    assert plan.conventions["cut kernels"].startswith("30 of 84 to 2048 samples: below ")
    high = sg.SpectrogramPlan(params, sg.CqtParams(12, 3, 400.0))
    assert "cut kernels" not in high.conventions


def test_kernels_without_a_value_are_counted_too():
    params = sg.SpectrogramParams(sg.StftParams(64, 16, "hann"), 8000)
    short = sg.CqtParams(1, 3, 900.0, q_factor=0.2)
    with pytest.warns(sg.SpectrogramWarning, match=r"kernels of \d of 3 bins are too short"):
        plan = sg.SpectrogramPlan(params, short)
    rows = silent_rows(plan)
    assert rows
    assert plan.conventions["empty kernels"] == (
        f"{len(rows)} of 3 have no non-zero value: {', '.join(map(str, rows))}"
    )


# --- where it is said -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_line_is_that_of_the_user_from_anywhere(tmp_path):
    script = tmp_path / "mine.py"
    script.write_text(
        "import pickle, multiprocessing, doctest\n"
        "import spectrograms as sg\n"
        "P = sg.SpectrogramParams(sg.StftParams(256, 80, 'hann'), 16000)\n"
        "def length(plan): return plan.n_bins\n"
        "def make():\n"
        "    '''\n"
        "    >>> sg.MfccPlan(P.stft, 16000, 126, sg.MfccParams(2)).n_bins\n"
        "    2\n"
        "    '''\n"
        "    return sg.SpectrogramPlan(P, sg.MelParams(128, 0.0, 8000.0))\n"
        "if __name__ == '__main__':\n"
        "    plan = make()\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        assert pool.map(length, [plan, plan]) == [128, 128]\n"
        "    assert doctest.testmod().failed == 0\n"
    )
    ran = subprocess.run([sys.executable, "-P", str(script)], capture_output=True, text=True, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    lines = [line for line in ran.stderr.splitlines() if "SpectrogramWarning" in line]
    assert [line.split(": SpectrogramWarning")[0] for line in lines] == [
        f"{script}:10", "<doctest __main__.make[0]>:1"
    ]  # fmt: skip


def test_the_command_line_gives_one_short_line(tmp_path, capsys, monkeypatch):
    soundfile = pytest.importorskip("soundfile")
    monkeypatch.chdir(tmp_path)
    for name in ("a.wav", "b.wav"):
        soundfile.write(name, 0.1 * X, 16000)
    arguments = ["--scale", "mel", "--n-mels", "128", "--n-fft", "256", "--f-max", "8000"]
    assert main(["compute", "a.wav", "b.wav", "-o", "out", *arguments]) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if "bands" in line]
    assert len(lines) == 1
    assert lines[0].startswith("spectrograms: warning: 13 of 128 bands hold no bin")
    assert main(["compute", "-q", "a.wav", "-o", "quiet", *arguments]) == 0
    assert capsys.readouterr().err == ""


# --- samples under no window --------------------------------------------------------------------------------


def reached(window, hop, n_frames, trim):
    """Where the squared windows of all frames sum to something, without what is trimmed."""
    sums = np.zeros((n_frames - 1) * hop + len(window))
    for t in range(n_frames):
        sums[t * hop : t * hop + len(window)] += window**2
    return (sums > 1e-10)[trim : len(sums) - trim]


def test_case_4_2_gaps_between_frames_are_named():
    spectra = np.random.default_rng(1).standard_normal((257, 4))
    hann = sg.StftParams(512, 512, "hann", periodic=True)
    with pytest.warns(
        sg.SpectrogramWarning, match=r"^1 of every 512 samples \(the first at 256\) are under no"
    ):
        plan = sg.IstftPlan(hann)
    assert np.flatnonzero(plan.compute(spectra) == 0.0).tolist() == [256, 768, 1280]
    one_shot = np.hanning(512)  # both ends are zero
    with pytest.warns(sg.SpectrogramWarning, match=r"^2 of every 512 samples \(the first at 255, 256\)"):
        sg.compute_istft(spectra, 512, 512, one_shot)
    sg.compute_istft(spectra, 512, 512, one_shot)
    sg.compute_istft(spectra, 512, 512, "rectangular")
    sg.compute_istft(spectra, 512, 256, "hann")
    sg.compute_istft(spectra, 512, 510, "hann", center=False)  # only the ends are zeros


def gaps_are_said(window, hop, center):
    """Whether they are there, by frames laid one beside the other."""
    n = len(window)
    window = np.array(window, float)
    covered = reached(window, hop, 3 * n, n // 2 if center else 0)
    places = np.flatnonzero(covered)
    gaps = places.size == 0 or not covered[places[0] : places[-1] + 1].all()
    params = sg.StftParams(n, hop, window, center)
    assert len(said(lambda: sg.IstftPlan(params))) == gaps, (window, hop, center)
    return gaps


@pytest.mark.parametrize(
    "window",
    [
        [0, 1, 1, 1, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1, 0, 0], [1, 0, 0, 1, 1, 1, 1, 1],
        [0, 1, 0, 1, 0, 1, 0, 1], [1, 1, 1, 1, 1, 0, 0, 1], [0, 0, 0, 1, 0, 0, 0, 0],
        [1e-6, 1, 1, 1, 1, 1, 1, 1e-4], [0] * 8,
    ],
)  # fmt: skip
def test_case_4_2_gaps_of_any_window(window):
    found = [gaps_are_said(window, hop, center) for hop in (1, 2, 3, 5, 8) for center in (True, False)]
    assert any(found)


def test_case_4_2_gaps_of_random_windows():
    rng = np.random.default_rng(42)
    found = []
    for _ in range(200):
        n = int(rng.integers(2, 24))
        window = rng.choice([0.0, 0.0, 1.0, 1e-7, 0.5], n) if rng.integers(2) else rng.random(n) > 0.1
        found.append(gaps_are_said(window, int(rng.integers(1, n + 1)), bool(rng.integers(2))))
    assert 20 < sum(found) < 180


def test_windows_without_zeros_leave_no_gap():
    assert not any(gaps_are_said([1] * 8, hop, center) for hop in range(1, 9) for center in (True, False))


def test_case_4_2_it_is_said_once_of_each_plan_and_of_whatever_makes_one():
    params = sg.SpectrogramParams(sg.StftParams(64, 64, "hamming", win_length=32), 8000)
    spectra = np.ones((33, 5))

    def use():
        plan = sg.IstftPlan(params)
        for twin in (plan, copy.copy(plan), pickle.loads(pickle.dumps(plan)),
                     sg.IstftPlan.from_json(plan.to_json())):  # fmt: skip
            twin.compute(spectra)
            twin.compute_batch([spectra, spectra])
            twin.stream().push(spectra)
        sg.warmup([plan, plan.to_dict()])

    (text,) = said(use)
    assert text.startswith("32 of every 64 samples (the first at 16, 17, 18, 19, 20, 21 and 26 more)")
    assert len(said(lambda: sg.SpectrogramPlanner().istft_plan(params))) == 1
    assert len(said(lambda: [sg.griffin_lim(spectra, params, n_iter=1) for _ in range(3)])) == 1
