"""Files that appear whole or not at all, whatever stands in their place, and paths as text."""

import os

import pytest

from spectrograms._common.files import as_text, replacing, state, temporary_beside


def write(path, text, **options):
    with replacing(path, **options) as temporary, open(temporary, "w") as file:
        file.write(text)


@pytest.mark.parametrize("durable", [False, True])
def test_a_file_takes_the_place_of_another(tmp_path, durable):
    path = tmp_path / "a.txt"
    for text in ("first", "second"):
        write(path, text, durable=durable)
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
