"""Iterators of inputs: taken as they are needed, as many as there may be, and gone on with by their ids."""

import io
import itertools

import pytest
import soundfile

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

import spectrograms as sg
from spectrograms.corpus import FeatureStore, extract, verify

from ..support.archives import same, sounds, write_files  # noqa: F401
from ..support.corpora import RATE, audio, content, noise, out, plan, shard_bytes  # noqa: F401


def given(count, first=0, **more):
    """Contents of recordings, one after the other."""
    for k in range(first, count):
        buffer = io.BytesIO()
        soundfile.write(buffer, noise(k, 0.1 + k % 3 / 10), RATE, format="WAV")
        buffer.seek(0)
        yield {"id": f"{k:04d}", "bytes": buffer.getvalue() if k % 2 else buffer, "label": k, **more}


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"num_threads": 1}, {"num_threads": 3}, {"workers": 2}])
def test_an_iterator_gives_what_its_list_gives(out, how):  # noqa: F811
    report = extract(given(30), plan(), out / "stream", shard_files=7, **how)
    assert (report.n_inputs, report.n_done, report.failures) == (30, 30, [])
    extract(list(given(30)), plan(), out / "list", shard_files=7, num_threads=1)
    assert shard_bytes(out / "stream") == shard_bytes(out / "list")
    assert FeatureStore(out / "stream").column("label") == list(range(30))
    again = extract(given(30), plan(), out / "stream", shard_files=7, **how)
    assert (again.n_inputs, again.n_skipped, again.n_done, again.n_gone) == (30, 30, 0, 0)


def test_inputs_are_taken_as_they_are_needed(out, monkeypatch):  # noqa: F811
    monkeypatch.setattr("spectrograms.corpus.run.pipeline._ALONE", 1)
    taken, ahead = itertools.count(), []
    latest = 0

    def counted():
        nonlocal latest
        for entry in given(60):
            latest = next(taken)
            yield entry

    extract(
        counted(),
        plan(),
        out,
        shard_files=4,
        num_threads=1,
        progress=lambda report: ahead.append(latest - report.n_done),
    )
    assert max(ahead) <= 9


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"num_threads": 2}, {"workers": 2}])
def test_a_stream_that_breaks_off_goes_on_to_the_same_store(out, how):  # noqa: F811
    def broken(count):
        yield from given(count)
        raise ConnectionError("the other side is gone")

    for count in (9, 22, 23):
        with pytest.raises(ConnectionError, match="the other side"):
            extract(broken(count), plan(), out / "store", shard_files=5, **how)
        assert verify(out / "store") == []
    extract(given(30), plan(), out / "store", shard_files=5, **how)
    extract(given(30), plan(), out / "whole", shard_files=5, num_threads=1)
    assert content(out / "store") == content(out / "whole")


def test_interrupted_streams_go_on(out):  # noqa: F811
    def stop(report):
        if report.n_done == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract(given(20), plan(), out / "store", shard_files=3, num_threads=1, progress=stop)
    extract(given(20), plan(), out / "store", shard_files=3, num_threads=1)
    extract(given(20), plan(), out / "whole", shard_files=3, num_threads=1)
    assert shard_bytes(out / "store") == shard_bytes(out / "whole")


@pytest.mark.slow
def test_an_iterator_of_collections(same, out):  # noqa: F811
    folder, names, made = same
    extract(iter([made["tar"]]), plan(), out / "one", num_threads=1)
    extract(made["tar"], plan(), out / "two", num_threads=1)
    assert sounds(FeatureStore(out / "one")) == sounds(FeatureStore(out / "two"))
    with pytest.raises(sg.InvalidInputError, match="ids must differ, got 'speaker0/000' again"):
        extract(iter([made["tar"], folder]), plan(), out / "three")
    report = extract(iter([made["tar"], folder]), plan(), out / "four", on_duplicate="first")
    assert (report.n_done, report.n_duplicates) == (len(names), len(names))


def test_jobs_of_an_array_share_a_stream(out):  # noqa: F811
    for k in range(2):
        extract(given(20), plan(), out / "jobs", shard_index=k, num_shards=2, num_threads=1)
    extract(given(20), plan(), out / "one", num_threads=1)
    assert sorted(sounds(FeatureStore(out / "jobs"))) == sorted(sounds(FeatureStore(out / "one")))


def test_what_an_iterator_cannot_do(out):  # noqa: F811
    with pytest.raises(sg.InvalidInputError, match="must hold at least one file, got none"):
        extract(iter(()), plan(), out)
    with pytest.raises(sg.InvalidInputError, match="'suffix' must know all inputs"):
        extract(given(2), plan(), out, on_duplicate="suffix")
    with pytest.raises(sg.InvalidInputError, match="refresh compares all inputs"):
        extract(given(2), plan(), out, refresh=True)
    with pytest.raises(sg.InvalidInputError, match="on_duplicate must be one of"):
        extract(given(2), plan(), out, on_duplicate="x")
    with pytest.raises(TypeError, match="an input must be a path"):
        extract(iter([3]), plan(), out)


def test_columns_are_those_of_the_first_inputs(out):  # noqa: F811
    def odd():
        yield from given(4)
        yield from given(5, 4, label="four")
        yield from given(6, 5, other=1)
        yield from given(7, 6, label=None)
        yield from given(8, 7, label=2.5)

    report = extract(odd(), plan(), out, shard_files=4, num_threads=1)
    assert [failure["message"] for failure in report.failures] == [
        "column 'label' of '0004' must be of the kind 'integer', as in the first inputs, got 'four'",
        "column 'other' of '0005' is new: the first inputs must have it",
        "column 'label' of '0007' must be of the kind 'integer', as in the first inputs, got 2.5",
    ]
    assert FeatureStore(out).column("label") == [0, 1, 2, 3, None]
    # Of a list all are known.
    rows = [{"id": str(k), "bytes": next(given(1))["bytes"], "label": x} for k, x in enumerate([1, "a", 2.5])]
    extract([{**row, "bytes": row["bytes"].getvalue()} for row in rows], plan(), out / "list", num_threads=1)
    assert FeatureStore(out / "list").column("label") == ["1", "a", "2.5"]
