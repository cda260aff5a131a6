"""What Windows does otherwise, as far as it can be acted out elsewhere: locks of ranges, and files in use."""

import errno
import os
import struct
from types import SimpleNamespace

import pytest

fcntl = pytest.importorskip("fcntl", reason="acts out another system on one with fcntl")

_LOCKED = "hhqqi"


def _locking(descriptor, kind, count):
    """``msvcrt.locking`` by locks of the open file, which Linux has for ranges."""
    if not hasattr(fcntl, "F_OFD_SETLK"):
        pytest.skip("this system has no locks of open files")
    place = os.lseek(descriptor, 0, os.SEEK_CUR)
    kind = fcntl.F_UNLCK if kind == msvcrt.LK_UNLCK else fcntl.F_WRLCK
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, struct.pack(_LOCKED, kind, os.SEEK_SET, place, count, 0))
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "Permission denied") from None


msvcrt = SimpleNamespace(LK_NBLCK=2, LK_UNLCK=0, locking=_locking)


def in_use(path):
    """Whether this process has a file open or mapped."""
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs /proc to know which files are open")
    path = os.path.realpath(path)
    for number in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{number}") == path:
                return True
        except FileNotFoundError:
            continue
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        return any(line.rstrip("\n").endswith(f" {path}") for line in maps)


def refuse_what_is_in_use(monkeypatch):
    """Let no file be replaced or removed that this process has open; return the list of the refused."""
    replace, unlink, refused = os.replace, os.unlink, []

    def check(*paths):
        for path in paths:
            if in_use(path):
                refused.append(os.path.basename(path))
                raise PermissionError(errno.EACCES, "Permission denied", os.fspath(path))

    def checked_replace(source, target):
        check(source, target)
        replace(source, target)

    def checked_unlink(path):
        check(path)
        unlink(path)

    monkeypatch.setattr(os, "replace", checked_replace)
    monkeypatch.setattr(os, "unlink", checked_unlink)
    return refused
