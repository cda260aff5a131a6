"""Files that appear whole or not at all, whatever stands in their place, and paths as text."""

import os
import time

import pytest

from spectrograms._common import files
from spectrograms._common.files import Facts, as_text, replacing, state, temporary_beside


def write(path, text):
    with replacing(path) as temporary, open(temporary, "w") as file:
        file.write(text)


def test_a_file_takes_the_place_of_another(tmp_path):
    path = tmp_path / "a.txt"
    for text in ("first", "second"):
        write(path, text)
        assert path.read_text() == text
    assert os.listdir(tmp_path) == ["a.txt"]


def test_the_old_file_is_there_until_the_new_one_is_complete(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path) as temporary:
        with open(temporary, "w") as file:
            file.write("new")
        assert path.read_text() == "old"
        assert os.path.dirname(temporary) == str(tmp_path)
    assert path.read_text() == "new"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, MemoryError])
@pytest.mark.parametrize("kind", ["file", "folder", "nothing"])
def test_nothing_is_left_of_what_fails(tmp_path, error, kind):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail():
        with replacing(path) as temporary:
            if kind == "file":
                open(temporary, "w").close()
            elif kind == "folder":
                os.makedirs(os.path.join(temporary, "b", "c"))
            raise error

    with pytest.raises(error):
        fail()
    assert os.listdir(tmp_path) == ["a.txt"]
    assert path.read_text() == "old"


def test_a_folder_appears_with_what_is_in_it(tmp_path):
    with replacing(tmp_path / "a") as temporary:
        os.mkdir(temporary)
        open(os.path.join(temporary, "b"), "w").close()
    assert os.listdir(tmp_path / "a") == ["b"]


def test_a_link_stays_one(tmp_path):
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "b.txt"
    target.write_text("old")
    link = tmp_path / "a.txt"
    link.symlink_to(target)
    write(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert os.listdir(tmp_path / "there") == ["b.txt"]


def test_a_device_is_written_to(tmp_path):
    write(os.devnull, "anything")
    assert not os.path.isfile(os.devnull)


def test_a_folder_is_not_replaced(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        write(tmp_path / "a", "text")
    assert caught.value.filename == str(tmp_path / "a")


@pytest.mark.parametrize("name", ["x" * 255, "\u4e2d" * 85, "\U0001f600" * 63])
def test_every_name_that_a_file_can_have(tmp_path, name):
    write(tmp_path / name, "text")
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("name", ["x" * 256, os.path.join("no folder", "a")])
def test_errors_name_what_was_asked_for(tmp_path, name):
    path = str(tmp_path / name)
    with pytest.raises(OSError, match=r"too long|No such file") as caught:
        write(path, "text")
    assert (caught.value.filename, caught.value.filename2) == (path, None)


def test_errors_of_other_files_keep_their_name(tmp_path):
    with pytest.raises(FileNotFoundError) as caught, replacing(tmp_path / "a"):
        open(tmp_path / "b").close()
    assert caught.value.filename == str(tmp_path / "b")


def test_temporary_names_are_hidden_and_differ(tmp_path):
    names = {temporary_beside(str(tmp_path / "a.txt")) for _ in range(100)}
    assert len(names) == 100
    assert {os.path.dirname(name) for name in names} == {str(tmp_path)}
    assert all(os.path.basename(name).startswith(".a.txt.") and name.endswith(".tmp") for name in names)


@pytest.mark.parametrize("path", ["a/\u00e9.wav", b"a/\xc3\xa9.wav", os.path.join("a", "\u00e9.wav")])
def test_a_path_as_text(path):
    assert as_text(path) == "a/\u00e9.wav"


@pytest.mark.parametrize("path", [b"a\xff.wav", os.fsdecode(b"a\xff.wav")])
def test_bytes_that_are_no_text_are_escaped(path):
    assert as_text(path) == r"a\udcff.wav"


def test_the_state_of_a_file_changes_with_its_content(tmp_path):
    path = tmp_path / "a"
    path.write_text("a")
    os.utime(path, ns=(0, 0))
    before = state(path.stat())
    assert state(path.stat()) == before
    write(path, "b")
    os.utime(path, ns=(0, 0))
    assert state(path.stat()) != before


@pytest.fixture
def old_files(monkeypatch):
    """Let every file count as one that has not been written to for long."""
    monkeypatch.setattr(files, "_COARSEST_CLOCK", -(10**9))


@pytest.mark.usefixtures("old_files")
def test_a_fact_is_found_once_for_each_state(tmp_path):
    facts, asked = Facts(10), []
    paths = [tmp_path / name for name in "ab"]

    def size_of(path):
        return facts.of(path.stat(), lambda: asked.append(path.name) or path.stat().st_size)

    for path, size in zip(paths, (1, 2), strict=True):
        path.write_bytes(bytes(size))
    for _ in range(3):
        assert [size_of(path) for path in paths] == [1, 2]
    assert asked == ["a", "b"]
    write(paths[0], "replaced")
    assert [size_of(path) for path in paths] == [8, 2]
    assert asked == ["a", "b", "a"]


@pytest.mark.usefixtures("old_files")
def test_no_more_facts_are_kept_than_asked_for(tmp_path):
    facts, asked = Facts(2), []
    for name in "abcabc":
        (tmp_path / name).touch()
        facts.of((tmp_path / name).stat(), lambda name=name: asked.append(name))
        assert len(facts._facts) <= 2
    assert len(asked) > 3


def test_a_file_that_was_just_written_to_is_looked_at_each_time(tmp_path):
    path = tmp_path / "a"
    path.touch()
    os.utime(path, ns=(0, 0))  # when it was changed is known all the same
    facts, asked = Facts(10), []
    started = time.monotonic()
    for _ in range(3):
        facts.of(path.stat(), lambda: asked.append(None))
    assert len(asked) == 3 or time.monotonic() - started > 2


@pytest.mark.slow
def test_a_file_in_use_is_tried_again(tmp_path, monkeypatch):
    """Who looks for viruses has a new file open for a moment, and Windows refuses to replace it meanwhile."""
    monkeypatch.setattr(files, "REPLACEABLE", False)
    monkeypatch.setattr(files, "_PAUSES", (0.0, 0.0))
    path, tries, replace = tmp_path / "a.txt", [], os.replace

    def refused(most):
        def attempt(source, target):
            tries.append(target)
            if len(tries) <= most:
                raise PermissionError(13, "Permission denied", os.fspath(source))
            replace(source, target)

        tries.clear()
        monkeypatch.setattr(os, "replace", attempt)

    refused(2)
    write(path, "first")
    assert (path.read_text(), len(tries)) == ("first", 3)
    refused(3)
    with pytest.raises(PermissionError):
        write(path, "second")
    assert (path.read_text(), len(tries)) == ("first", 3)
    assert os.listdir(tmp_path) == ["a.txt"]
