"""The comparison of two builds says what differs; planted differences have to be found."""

import json

import numpy as np
import pytest
import same_bytes
from results import worker


def write(folder, values):
    """What a worker writes: digests, here texts of their own, and the arrays."""
    folder.mkdir()
    digests = {name: repr(np.asarray(value).tobytes()) for name, value in values.items()}
    content = {"version": "1", "file": "nowhere", "digests": digests, "errors": {}}
    (folder / "digests.json").write_text(json.dumps(content))
    np.savez(folder / "values.npz", **{f"{i} 0": value for i, value in enumerate(values.values())})
    return folder


@pytest.fixture
def sides(tmp_path):
    values = {"a/one": np.arange(6.0), "a/two": np.zeros(3), "b": np.ones(2, np.float32)}

    def make(**changes):
        ours = {**values, **{name.replace("_", "/"): value for name, value in changes.items()}}
        return write(tmp_path / "ours", ours), write(tmp_path / "theirs", values)

    return make


def test_equal_results_are_equal(sides, capsys):
    assert same_bytes.compare_results((), (), sides()) == 0
    assert "3 compared, 0 corrected, 0 different" in capsys.readouterr().out


def test_a_sign_of_zero_is_a_difference_and_is_shown(sides, capsys):
    assert same_bytes.compare_results((), (), sides(a_two=np.array([0.0, -0.0, 0.0]))) == 1
    assert (
        "a/two: value 1 of 3 is np.float64(-0.0), before np.float64(0.0); 1 differ" in capsys.readouterr().out
    )


def test_signs_of_nan_are_shown_as_bits(sides, capsys):
    assert same_bytes.compare_results((), (), sides(b=np.array([1, -np.nan], np.float32))) == 1
    assert "value 1 of 2 is np.float32(nan)" in capsys.readouterr().out
    words = same_bytes.first_difference("c", [np.array([-np.nan])], [np.array([np.nan])])
    assert "(bits fff8000000000000, before 7ff8000000000000)" in words


@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16"])
def test_signs_of_nan_are_not_compared_while_other_signs_are(dtype):
    nan = np.array([1, 2, np.nan, -0.0, -3, 4], dtype)
    minus, zero = nan.copy(), nan.copy()
    pairs, zeros = (x.view(x.real.dtype) for x in (minus, zero))
    pairs[np.isnan(pairs)] = np.copysign(np.nan, -1)
    zeros[np.signbit(zeros) & (zeros == 0)] = 0
    assert minus.tobytes() != nan.tobytes()
    assert worker.digest(worker.parts(minus)) == worker.digest(worker.parts(nan))
    assert worker.digest(worker.parts(zero)) != worker.digest(worker.parts(nan))
    np.testing.assert_array_equal(worker.parts(nan)[0], nan)


def test_corrections_account_for_what_they_name_and_nothing_else(sides, capsys):
    folders = sides(a_two=np.ones(3), b=np.zeros(2, np.float32))
    assert same_bytes.compare_results([("a/*", "because")], (), folders) == 1
    out = capsys.readouterr().out
    assert "corrected in 1 (a/*): because" in out
    assert "DIFFERENT: b: value 0" in out


def test_results_that_are_gone_and_other_shapes_are_differences(sides, capsys):
    ours, theirs = sides(c=np.zeros(1), a_one=np.zeros((2, 3)))
    assert same_bytes.compare_results((), (), (ours, theirs)) == 1
    out = capsys.readouterr().out
    assert "results: 1 of what the one before does not have" in out
    assert "a/one: float64[2, 3], float64[6] before" in out
    assert same_bytes.compare_results((), (), (theirs, ours)) == 2
    assert "c: the one before alone has it" in capsys.readouterr().out


def test_names_may_be_added_but_neither_dropped_nor_changed(tmp_path, capsys):
    old = {"f": [["x", "POSITIONAL_OR_KEYWORD", None]], "g": None, "h": []}
    new = {"f": [["x", "POSITIONAL_OR_KEYWORD", "1"]], "g": None, "i": []}
    files = tmp_path / "new", tmp_path / "old"
    for file, names in zip(files, (new, old), strict=True):
        file.write_text(json.dumps(names))
    assert same_bytes.compare_names(files) == 2
    out = capsys.readouterr().out
    assert "h is gone" in out
    assert "added: i" in out


P, K = "POSITIONAL_OR_KEYWORD", "KEYWORD_ONLY"
BEFORE = [["x", P, None], ["y", P, "1"], ["z", K, "2"]]


@pytest.mark.parametrize(
    ("signature", "added"),
    [
        (BEFORE, []),
        ([*BEFORE, ["n", K, "None"]], ["n"]),
        ([*BEFORE[:2], ["n", P, "0"], BEFORE[2]], ["n"]),
        ([*BEFORE[:2], ["n", K, "0"], BEFORE[2]], ["n"]),
        ([*BEFORE, ["n", K, None]], None),  # has to be given
        ([BEFORE[0], ["n", P, "0"], *BEFORE[1:]], None),  # takes the place of y
        ([["x", P, None], ["y", P, "3"], ["z", K, "2"]], None),
        ([["x", P, None], ["y", K, "1"], ["z", K, "2"]], None),
        (BEFORE[:2], None),
        ([BEFORE[1], BEFORE[0], BEFORE[2]], None),
        (None, None),
    ],
)
def test_a_signature_may_be_added_to_if_former_calls_mean_the_same(signature, added):
    assert same_bytes.added_arguments(signature, BEFORE) == added


def test_names_that_went_into_a_dict_of_keywords_may_not_become_arguments():
    before = [["x", P, None], ["kwargs", "VAR_KEYWORD", None]]
    assert same_bytes.added_arguments([before[0], ["n", K, "0"], before[1]], before) is None
    assert same_bytes.added_arguments(before, [before[0]]) is None


def test_arguments_that_were_added_are_named_and_no_difference(tmp_path, capsys):
    files = tmp_path / "new", tmp_path / "old"
    for file, signature in zip(files, ([*BEFORE, ["n", K, "0"]], BEFORE), strict=True):
        file.write_text(json.dumps({"f": signature}))
    assert same_bytes.compare_names(files) == 0
    assert "optional arguments added to 1: f (n)" in capsys.readouterr().out
