"""Runs the lines of a call and judges it: documented errors, short texts, no warnings, whole arrays."""

import re
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trouble
import vocabulary

import spectrograms as sg

PACKAGE = str(Path(sg.__file__).parent)
LONGEST_TEXT = 2000
# Bytes of the largest table that a caller may ask for, see `spectrograms._common.limits`.
LARGEST = 8 << 28
DOCUMENTED = (
    sg.InvalidInputError,
    sg.DimensionMismatchError,
    sg.FFTBackendError,
    TypeError,
    ValueError,
    OverflowError,
    MemoryError,
    OSError,
    BufferError,
    ImportError,
    trouble.Boom,
)
_SPOKEN = (UserWarning, getattr(sg, "SpectrogramWarning", UserWarning))
_PROPERTY = re.compile(r"r = \w+\.\w+")
# An explicit cast to real numbers, on the caller's line.
_CAST = re.compile(r"astype\(|asarray\(|sqrt\(")
# NumPy warns in these words about values that an explicit cast cannot keep, of its own arrays too.
_CASTS = re.compile(r"(invalid value|overflow) encountered in cast")
_UNKNOWN_MEMBER = re.compile(r"item\(|x\[None\]|\.(index|count)\(")


@dataclass(frozen=True)
class Outcome:
    """How a call ended.

    ``kind`` is ``"value"``, ``"refused"`` or the kind of a finding; findings of equal ``what`` are the same.
    """

    kind: str
    what: str = ""
    detail: str = ""

    @property
    def finding(self):
        return self.kind not in ("value", "refused")


def _place(error):
    """The place in the package where an error arose."""
    place = "outside"
    for frame in traceback.extract_tb(error.__traceback__):
        if "spectrograms/" in frame.filename and "/tests/" not in frame.filename:
            place = f"{frame.filename.rpartition('spectrograms/')[2]}:{frame.name}"
    return place


def _last_line(error):
    return "".join(traceback.format_exception(error)[-6:])[-3000:]


class _Log(list):
    """Collects the warnings of all threads."""

    def __call__(self, message, category, filename, lineno, file=None, line=None):
        self.append((category, str(message), filename, lineno))


def listen():
    """Record all warnings from now on; return the list of them."""
    log = _Log()
    warnings.resetwarnings()
    warnings.simplefilter("always")
    warnings.showwarning = log
    return log


def run(lines, log):
    """Run a program; return its Outcome."""
    log.clear()
    space = {name: getattr(vocabulary, name) for name in vocabulary.__all__}

    line = ""
    try:
        for line in lines:
            exec(line, space)
            if log:
                outcome = _warned(log, line)
                if outcome.finding:
                    return outcome
                log.clear()
            if line.startswith("r = "):
                problem = unsound(space["r"])
                if problem:
                    return Outcome("unsound", f"{problem} {_callee(line)}", repr(space["r"])[:500])
    except BaseException as error:
        return _judge(error, line) if not log else _warned(log, line)
    return _warned(log, line) if log else Outcome("value")


def _callee(line):
    return (re.findall(r"(?:sg|o|s|r)\.([\w.]+)", line) or [line[:30]])[0]


def _judge(error, line):
    name = type(error).__name__
    place = _place(error)
    if isinstance(error, trouble.Wrong):
        return Outcome("differs", f"{error} {_callee(line)}")
    allowed = isinstance(error, DOCUMENTED) or (
        isinstance(error, (IndexError, KeyError)) and _UNKNOWN_MEMBER.search(line)
    )
    if isinstance(error, AttributeError) and (place == "outside" or _PROPERTY.fullmatch(line)):
        allowed = True  # raised by one of our arguments, or the object lacks the attribute
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
        raise error
    if not allowed:
        return Outcome("undocumented", f"{name} {place}", _last_line(error))
    try:
        text = str(error)
    except Exception as broken:
        return Outcome("unprintable", f"{name} {place}", repr(broken))
    if len(text) > LONGEST_TEXT:
        return Outcome("long text", f"{name} {place}", f"{len(text)} characters: {text[:200]}")
    return Outcome("refused", name)


def _warned(log, line):
    for category, text, filename, lineno in list(log):
        if category in _SPOKEN and "spectrograms/" not in filename:
            continue  # documented, and points at the caller's line
        if filename == "<string>" and category is np.exceptions.ComplexWarning and _CAST.search(line):
            continue
        if (
            filename == "<string>"
            and category is RuntimeWarning
            and _CASTS.fullmatch(text)
            and ".astype(" in line
        ):
            continue
        if filename == "<string>" and "np.sqrt(" in line:
            continue
        where = (
            filename.rpartition("spectrograms/")[2] if "spectrograms/" in filename else Path(filename).name
        )
        return Outcome(
            "warning",
            f"{category.__name__} {where} {re.sub(r'[0-9.]+', 'N', text)[:60]}",
            f"{filename}:{lineno}: {text[:300]}",
        )
    return Outcome("value")


def unsound(value, depth=0):
    """What is wrong with a result, or an empty text. Every byte is read, except of the largest results."""
    if depth > 4:
        return ""
    if isinstance(value, np.ndarray):
        if value.nbytes > LARGEST:
            return "more bytes than the largest table"
        if value.dtype != object and 0 < value.nbytes <= 1 << 26:
            value.tobytes()
        return ""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return next((problem for each in value[:50] if (problem := unsound(each, depth + 1))), "")
    if type(value).__module__.startswith("spectrograms"):
        if len(repr(value)) > 100_000:
            return "long repr"
        data = getattr(value, "data", None)
        if isinstance(data, np.ndarray):
            if getattr(value, "shape", data.shape) != data.shape:
                return "shape"
            for name, axis in (("frequencies", 0), ("times", -1)):
                labels = getattr(value, name, None)
                if labels is not None and data.ndim == 2 and len(labels) != data.shape[axis]:
                    return name
            return unsound(data, depth + 1)
    return ""
