"""Extraction by processes: the same store, whoever calls, and whatever becomes of a worker."""

import importlib
import json
import os
import subprocess
import sys
import textwrap
import threading

import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

import spectrograms as sg
from spectrograms.corpus import FeatureStore, extract, verify
from spectrograms.corpus.run import cutting, extraction, workers

from ..support.corpora import content, digests, noise, plan, put, recordings, shard_bytes

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("count", "threads"), [(2, None), (3, 2)])
def test_the_same_store_for_any_number_of_workers(mixed, alone, tmp_path, count, threads):
    out, seen = tmp_path / "store", []
    options = {"shard_files": 8, "workers": count, "num_threads": threads}
    report = extract(mixed, plan(), out, progress=lambda now: seen.append(now.n_finished), **options)
    wanted = extract(mixed, plan(), tmp_path / "wanted", shard_files=8, num_threads=2)
    assert content(out) == content(alone) == content(tmp_path / "wanted")
    assert seen == sorted(seen)
    assert seen[-1] == report.n_inputs == 123
    assert len(seen) >= 16
    assert report.failures == wanted.failures
    assert [failure["id"] for failure in report.failures] == ["a", "speaker1/m", "z"]
    assert report.audio_seconds == pytest.approx(wanted.audio_seconds, rel=1e-12)
    assert (report.n_done, report.rows, report.frames) == (wanted.n_done, wanted.rows, wanted.frames)
    again = extract(mixed, plan(), out, **options)
    assert (again.n_skipped, again.n_done, again.n_failed_before) == (120, 0, 3)
    assert content(out) == content(alone)


def test_channels_segments_and_other_types(tmp_path):
    for k in range(8):
        put(tmp_path / "in", f"{k}.wav", noise(k, 0.4, channels=2))
    options = {"channels": "each", "segment": 0.1, "dtype": "float16", "shard_files": 2}
    extract(tmp_path / "in", plan(), tmp_path / "one", **options)
    extract(tmp_path / "in", plan(), tmp_path / "two", workers=2, **options)
    assert content(tmp_path / "two") == content(tmp_path / "one")


def test_what_failed_and_is_stored_now_is_no_failure_any_more(mixed, alone, tmp_path):
    out, folder = tmp_path / "store", tmp_path / "in"
    recordings(folder, 12)
    (folder / "x.wav").write_bytes(b"no audio")
    assert extract(folder, plan(), out, workers=2, shard_files=4).n_failed == 1
    put(folder, "x.wav", noise(5))
    report = extract(folder, plan(), out, workers=2, shard_files=1, retry_errors=True)
    assert (report.n_done, report.n_failed) == (1, 0)
    put(folder, "y.wav", noise(6))
    assert extract(folder, plan(), out, workers=2, shard_files=1).n_failed_before == 0
    assert not (out / "errors.jsonl").exists()


def test_jobs_of_an_array_with_workers(mixed, alone, tmp_path):
    out = tmp_path / "store"
    # What another job has under way is not this job's.
    out.mkdir()
    other = out / "errors-1of2.000000-0123456789abcdef.jsonl"
    other.write_text(json.dumps(dict.fromkeys(("id", "path", "error", "message"), "other")) + "\n")
    options = {"num_shards": 2, "shard_files": 8, "workers": 2}
    extract(mixed, plan(), out, shard_index=0, **options)
    assert other.exists()
    other.unlink()
    extract(mixed, plan(), out, shard_index=1, **options)
    assert digests(FeatureStore(out)) == digests(FeatureStore(alone))
    assert sorted(path.name for path in out.glob("errors*")) == ["errors-0of2.jsonl", "errors-1of2.jsonl"]


def test_the_default_cut_is_of_one_size_and_knows_nothing_of_workers(monkeypatch):
    monkeypatch.setattr(cutting, "weight", lambda item: item)

    def cut(count, size):
        return [len(piece) for piece in cutting.cut([size] * count, None)]

    assert cut(568, 50_000) == [284, 284]
    assert cut(100, 50_000) == [100]
    assert cut(3000, 50_000) == [375] * 8
    assert len(cut(100_000, 1000)) == 256
    for count, size in [(1, 0), (513, 0), (32_769, 10), (1000, 10**7), (10, 10**9)]:
        sizes = cut(count, size)
        assert sum(sizes) == count
        assert max(sizes) <= 512
        assert max(sizes[:-1], default=0) == min(sizes[:-1], default=0)


@pytest.mark.parametrize("count", [1, 2])
def test_a_store_that_was_cut_every_512_files_goes_on_under_the_default_cut(tmp_path, count):
    folder, out, later = tmp_path / "in", tmp_path / "store", tmp_path / "later"
    for k in range(700):
        put(later if k % 7 == 3 else folder, f"{k:03d}.wav", noise(k, 0.05))
    assert extract(folder, plan(), out, shard_files=512).n_done == 600
    before = shard_bytes(out)
    assert [len(ids) for ids in ids_of_shards(out)] == [512, 88]
    for path in later.iterdir():
        path.rename(folder / path.name)
    report = extract(folder, plan(), out, workers=count)
    assert (report.n_skipped, report.n_done, report.n_failed) == (600, 100, 0)
    assert before.items() <= shard_bytes(out).items()
    added = ids_of_shards(out, without=before)
    assert sorted(name for ids in added for name in ids) == [f"{k:03d}" for k in range(3, 700, 7)]
    # 700 short files are cut into halves, and each of them has something left.
    assert len(added) == 2
    extract(folder, plan(), tmp_path / "anew")
    assert len(FeatureStore(out)) == 700
    there, wanted = (
        {name: row[:2] for name, row in digests(FeatureStore(store)).items()}
        for store in (out, tmp_path / "anew")
    )
    assert there == wanted
    assert extract(folder, plan(), out, workers=count).n_done == 0
    assert verify(out) == []


def ids_of_shards(store, without=()):
    """The ids in each shard of a store."""
    shards = FeatureStore(store).by_shard()
    return [[record.id for record in rows] for path, rows in shards if os.path.basename(path) not in without]


def test_processes_only_if_they_are_worth_it(mixed, tmp_path, monkeypatch):
    begun = []
    monkeypatch.setattr(workers, "get_num_threads", lambda: 2)
    real = extraction.run_on_workers
    monkeypatch.setattr(
        extraction, "run_on_workers", lambda count, *more: begun.append(count) or real(count, *more)
    )
    extract(mixed, plan(), tmp_path / "short", workers=None, shard_files=8)
    assert begun == []
    extract(mixed / "speaker0", plan(), tmp_path / "one part", workers=2)
    assert begun == []
    monkeypatch.setattr(workers, "WORTH", 0.01)
    extract(mixed, plan(), tmp_path / "long", workers=None, shard_files=8)
    assert begun == [2]


@pytest.mark.parametrize("count", [0, -1, 1025])
def test_numbers_of_workers_that_cannot_be(mixed, tmp_path, count):
    with pytest.raises(sg.InvalidInputError, match=rf"workers must be in 1\.\.1024, got {count}"):
        extract(mixed, plan(), tmp_path / "store", workers=count)
    with pytest.raises(TypeError, match="workers must be a whole number or None, got 'two'"):
        extract(mixed, plan(), tmp_path / "store", workers="two")
    with pytest.raises(sg.InvalidInputError, match="workers must be 1 with a client"):
        extract(mixed, plan(), tmp_path / "store", workers=2, client=object())
    assert not (tmp_path / "store").exists()


# Who calls.

CALL = """
from spectrograms.corpus import extract
from spectrograms import Frontend
{before}
report = extract({inputs!r}, open({config!r}).read(), {out!r}, workers=2, shard_files=8{more})
print("stored", report.n_done)
"""


def call(mixed, config, out, before="", more=""):
    parts = {"inputs": os.fspath(mixed), "config": os.fspath(config), "out": os.fspath(out)}
    return CALL.format(before=before, more=more, **parts)


def python(*arguments, cwd, text=None):
    """Run Python on a script."""
    command = [sys.executable, "-P", *map(os.fspath, arguments)]
    return subprocess.run(
        command, cwd=cwd, input=text, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("way", ["script", "stdin", "code", "module"])
def test_programs_without_a_guard(mixed, alone, config, tmp_path, way):
    """The module of the program is not imported again: it would start workers without end, or fail."""
    code = call(mixed, config, tmp_path / "store", "print('begun')")
    (tmp_path / "program.py").write_text(code)
    arguments = {"script": ["program.py"], "stdin": ["-"], "code": ["-c", code], "module": ["-m", "program"]}
    command = arguments[way]
    if way == "module":
        command = [
            "-c",
            "import sys, runpy; sys.path.insert(0, '.'); runpy.run_module('program', None, '__main__')",
        ]
    result = python(*command, cwd=tmp_path, text=code if way == "stdin" else None)
    assert result.stdout == "begun\nstored 120\n", result.stderr
    assert result.stderr == ""
    assert content(tmp_path / "store") == content(alone)


def test_code_of_a_notebook(mixed, config, tmp_path):
    """As in a kernel: a main module without a file, cells that are run by exec, and classes defined there."""
    cell = call(
        mixed, config, tmp_path / "store", "class Seen(list): pass\nseen = Seen()", ", progress=seen.append"
    )
    runner = f"import sys, threading; cell = {cell!r}; exec(compile(cell, '<cell 1>', 'exec'), globals())"
    result = python("-c", runner, cwd=tmp_path)
    assert result.stdout == "stored 120\n", result.stderr


def test_things_of_the_caller_that_cannot_be_pickled(mixed, config, tmp_path):
    """Paths and names of classes of the program, and a function in it: nothing of them goes to workers."""
    before = """
    import os, threading
    class Name(str):
        def __reduce__(self): raise TypeError("not this")
    class Place:
        lock = threading.Lock()
        def __init__(self, path): self.path = path
        def __fspath__(self): return self.path
    paths = [os.path.join(d, f) for d, _, names in os.walk(INPUTS) for f in names]
    items = [{"id": Name(path), "path": Name(path)} for path in paths[:60]]
    items += [{"id": path, "path": Place(path)} for path in paths[60:]]
    lock = threading.Lock()
    def progress(report):
        with lock: pass
    """.replace("INPUTS", repr(os.fspath(mixed)))
    code = call("", config, tmp_path / "store", textwrap.dedent(before), ", progress=progress")
    (tmp_path / "program.py").write_text(code.replace("extract(''", "extract(items"))
    result = python("program.py", cwd=tmp_path)
    assert result.stdout == "stored 120\n", result.stderr


def test_a_plan_of_a_class_of_the_caller_is_refused(mixed, tmp_path):
    class Mine(sg.SpectrogramPlan):
        pass

    given = plan()
    mine = Mine(given.params, sg.MelParams(20, 0.0, 4000.0), "db", dtype="float32")
    with pytest.raises(sg.InvalidInputError, match="workers must be 1 with this config"):
        extract(mixed, mine, tmp_path / "store", workers=2)
    assert not (tmp_path / "store").exists()
    assert extract(mixed / "speaker0", mine, tmp_path / "store").n_done == 40


def test_a_daemonic_process_is_told(mixed, config, tmp_path):
    code = f"""
    import multiprocessing, sys
    def work():
        from spectrograms.corpus import extract
        try:
            extract({os.fspath(mixed)!r}, open({os.fspath(config)!r}).read(), "store", workers=2)
        except Exception as error:
            print(type(error).__name__, error, flush=True)
        print(extract({os.fspath(mixed)!r}, open({os.fspath(config)!r}).read(), "other", workers=None).n_done)
        sys.stdout.flush()
    if __name__ == "__main__":
        process = multiprocessing.get_context("fork").Process(target=work, daemon=True)
        process.start()
        process.join()
    """
    (tmp_path / "program.py").write_text(textwrap.dedent(code))
    result = python("program.py", cwd=tmp_path)
    wanted = "workers must be 1 in a daemonic process, which may not start others, got 2"
    assert result.stdout == f"InvalidInputError {wanted}\n120\n", result.stderr
    assert not (tmp_path / "store").exists()


def test_another_thread_than_the_main_one(mixed, alone, tmp_path):
    failed = []

    def work():
        try:
            extract(mixed, plan(), tmp_path / "store", workers=2, shard_files=8)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(timeout=120)
    assert failed == []
    assert content(tmp_path / "store") == content(alone)


# In a module of its own, because a worker does not import the caller's program.
WATCHED = """
import os, sys

from_start = sorted({"numpy", "pyfftw"} & set(sys.modules))


def task(*arguments):
    from spectrograms.corpus.run.workers import _task

    result = _task(*arguments).end()
    heavy = {"importlib.metadata", "email", "scipy", "dask", "pandas", "soundfile", "soxr", "matplotlib"}
    result["shard"] = " ".join(
        [os.environ["OPENBLAS_NUM_THREADS"], *from_start, *sorted(heavy & set(sys.modules))]
    )
    return result
"""


@pytest.mark.parametrize("asked", [None, "2"])
def test_a_worker_starts_nothing_that_it_does_not_use(tmp_path, monkeypatch, asked):
    recordings(tmp_path / "in", 4)
    (tmp_path / "watched_worker.py").write_text(WATCHED, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    if asked is None:
        monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    else:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", asked)
    usual, told = workers.run_on_workers, []
    task = importlib.import_module("watched_worker").task

    def watched(*arguments):
        run = arguments[6]
        monkeypatch.setattr(run, "part_done", lambda part: told.append(part.shard))
        usual(*arguments, task=task)

    monkeypatch.setattr(extraction, "run_on_workers", watched)
    extract(tmp_path / "in", plan(), tmp_path / "out", workers=2, shard_files=2)
    monkeypatch.delitem(sys.modules, "watched_worker")
    assert told == [asked or "1"] * 2
