"""Files that change between the moment a run finds them and the moment it has read them."""

import os
from pathlib import Path

import pytest
import soundfile

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, extract

from ..support.corpora import RATE, change, digests, fresh, noise, plan


@pytest.mark.parametrize("size", ["small", "large"])
def test_a_file_that_changes_while_it_is_read(audio, out, monkeypatch, size):
    from spectrograms.corpus.inputs import sources
    from spectrograms.corpus.stores import rows

    changing = str(audio / "speaker0" / "000.wav")
    # Large files are read by the decoder, small ones at once, before it.
    room, name = (sources.os, "read") if size == "small" else (rows, "read_audio")
    real, left = getattr(room, name), [1]

    def slow(what, *arguments, **options):
        result = real(what, *arguments, **options)
        path = os.readlink(f"/proc/self/fd/{what}") if size == "small" else what
        if path == changing and left[0]:
            left[0] = 0
            change(Path(changing), 100, 0.7)
        return result

    if size == "large":
        monkeypatch.setattr(sources, "SMALL_BYTES", 0)
    monkeypatch.setattr(room, name, slow)
    [failure] = extract(audio, plan(), out, num_threads=1).failures
    assert failure["message"].endswith("000.wav changed while it was read: run again")
    monkeypatch.undo()
    assert extract(audio, plan(), out, retry_errors=True).n_done == 1
    assert digests(FeatureStore(out)) == fresh(audio, out)


def test_a_small_file_that_changes_after_it_was_read(audio, out, monkeypatch):
    """What was read is what is stored and recorded: the next run sees that the file has changed."""
    from spectrograms.corpus.stores import rows

    before, real = fresh(audio, out), rows.read_audio

    def slow(path, *arguments, **options):
        if str(path).endswith("000.wav"):
            change(path, 100, 0.7)
        return real(path, *arguments, **options)

    monkeypatch.setattr(rows, "read_audio", slow)
    assert extract(audio, plan(), out, num_threads=1).n_failed == 0
    monkeypatch.undo()
    assert digests(FeatureStore(out)) == before
    assert extract(audio, plan(), out).n_changed == 1
    assert extract(audio, plan(), out, refresh=True).n_done == 1
    assert digests(FeatureStore(out)) == fresh(audio, out)


def test_a_fifo_in_the_place_of_a_file_blocks_nobody(audio, out, monkeypatch):
    from spectrograms.corpus.stores import rows

    path, real = audio / "speaker0" / "000.wav", rows.refuse_odd

    def replaced(item):
        status = real(item)
        if item.path == str(path):
            path.unlink()
            os.mkfifo(path)
        return status

    monkeypatch.setattr(rows, "refuse_odd", replaced)
    # With a duration there was no look at it before.
    [failure] = extract({"path": path, "duration": 0.1}, plan(), out, num_threads=1).failures
    assert failure["message"].endswith("000.wav changed while it was read: run again")


@pytest.mark.parametrize(("taken_by", "words"), [("fifo", "it is a FIFO"), ("folder", "it is a folder")])
def test_what_takes_the_place_of_a_small_file_before_it_is_opened(audio, out, monkeypatch, taken_by, words):
    path, real = audio / "speaker0" / "000.wav", os.open

    def replaced(name, *more, **options):
        if name == str(path) and path.is_file():
            path.unlink()
            os.mkfifo(path) if taken_by == "fifo" else path.mkdir()
        return real(name, *more, **options)

    monkeypatch.setattr(os, "open", replaced)
    report = extract(audio, plan(), out, num_threads=1)
    assert [failure["message"].endswith(words) for failure in report.failures] == [True]
    assert report.n_done == 11


@pytest.mark.parametrize("becomes", ["large", "gone", "another"])
def test_a_small_file_that_changes_before_it_is_opened_is_read_as_it_is_then(
    audio, out, monkeypatch, becomes
):
    path, real = audio / "speaker0" / "000.wav", os.open
    later = out.with_name("later.wav")
    soundfile.write(later, noise(7, 70.0 if becomes == "large" else 0.3), RATE)

    def replaced(name, *more, **options):
        if name == str(path) and later.exists():
            path.unlink()
            later.unlink() if becomes == "gone" else later.rename(path)
        return real(name, *more, **options)

    monkeypatch.setattr(os, "open", replaced)
    report = extract(audio, plan(), out, num_threads=1)
    assert not later.exists()
    if becomes == "gone":
        assert [failure["error"] for failure in report.failures] == ["FileNotFoundError"]
        return
    assert report.failures == []
    monkeypatch.undo()
    assert digests(FeatureStore(out)) == fresh(audio, out)
