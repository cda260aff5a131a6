"""Heads that are understood without tarfile are what tarfile makes of them, whatever the archive."""

import io
import random
import tarfile

import pytest

from spectrograms.corpus.collections.heads import Head, members_in

FORMATS = {"pax": tarfile.PAX_FORMAT, "ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT}


def archive_of(path, form, change=lambda info, k: None, count=12):
    """An archive of files of all small sizes."""
    with tarfile.open(path, "w", format=FORMATS[form]) as archive:
        for k in range(count):
            content = bytes(
                random.Random(k).randrange(256) for _ in range((0, 1, 511, 512, 513, 3000)[k % 6])
            )
            info = tarfile.TarInfo(f"folder{k // 5}/{k:03d}.wav")
            info.size, info.mtime = len(content), 1.7e9 + (0.25 if form == "pax" and k % 2 else 0)
            change(info, k)
            archive.addfile(info, io.BytesIO(content))
    return path


def outcome(members):
    """Name, place and content of each regular member, and the error at the end."""
    found = []
    try:
        for member, content in members:
            if member.isreg() and not member.issparse():
                found.append((member.name, member.offset_data, member.size, content()))
    except (tarfile.TarError, EOFError) as error:
        found.append(str(error))
    return found


def theirs(path):
    with tarfile.open(path, "r:", errorlevel=2) as archive:
        for member in archive:
            yield member, lambda member=member: archive.extractfile(member).read()


def same(path):
    ours = outcome(members_in(path))
    try:
        wanted = outcome(theirs(path))
    except tarfile.TarError as error:
        wanted = [str(error)]
    assert ours == wanted
    return wanted


def _long(info, k):
    info.name = f"{'long' * 20}/{'name' * 20}/{info.name}"


def _foreign(info, k):
    info.name = f"Größe/{info.name}"


def _owned(info, k):
    info.uid, info.uname, info.gname = 1000 + k, "somebody", "people"


def _far_owner(info, k):
    info.uid = 1 << 30


def _others(info, k):
    if k % 4 == 3:
        info.type, info.size = random.Random(k).choice([tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE]), 0
        info.linkname = "elsewhere"


def _commented(info, k):
    if k == 5:
        info.pax_headers = {"comment": "by hand"}


CHANGES = {change.__name__: change for change in (_long, _foreign, _owned, _far_owner, _others, _commented)}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("change", CHANGES)
def test_any_archive(tmp_path, form, change):
    if (form, change) == ("ustar", "_far_owner"):
        pytest.skip("has no room for it")
    assert len(same(archive_of(tmp_path / "a.tar", form, CHANGES[change]))) >= 9


@pytest.mark.parametrize("form", FORMATS)
def test_plain_heads_are_understood(tmp_path, form):
    found = [type(member) for member, _ in members_in(archive_of(tmp_path / "a.tar", form))]
    assert found == [Head] * 12


@pytest.mark.parametrize("form", FORMATS)
def test_cut_anywhere(tmp_path, form):
    whole = archive_of(tmp_path / "a.tar", form, count=4).read_bytes()
    path = tmp_path / "cut.tar"
    for size in {*range(0, len(whole), 512), *range(1, len(whole), 509), *range(511, len(whole), 512)}:
        path.write_bytes(whole[:size])
        same(path)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
def test_damaged_anywhere(tmp_path, form):
    whole = archive_of(tmp_path / "a.tar", form, count=4).read_bytes()
    path = tmp_path / "damaged.tar"
    generator = random.Random(form)
    for _ in range(400):
        content = bytearray(whole)
        for _ in range(generator.choice((1, 2, 5))):
            # Mostly in heads.
            place = generator.randrange(len(content) // 512) * 512 + generator.choice(
                (0, 100, 120, 140, 156, 257)
            )
            content[place + generator.randrange(20)] ^= 1 << generator.randrange(8)
        path.write_bytes(content)
        same(path)
