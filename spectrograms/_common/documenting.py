'''Docstrings of siblings share their paragraphs: each is written once, and stands where a line names it.

A docstring says ``%(name)s`` where a text belongs, and takes the indentation of that place::

    @documented(axis="axis : int, default -1\\n    Along which axis.")
    def function(samples, axis=-1, dtype="float64"):
        """Compute something.

        Parameters
        ----------
        %(samples)s
        %(axis)s
        %(dtype)s
        """

What only one function or class has stays where it is. The docstring at run time is the whole.
'''

from __future__ import annotations

from types import FunctionType
from typing import Protocol, TypeVar

_Thing = TypeVar("_Thing")


class Documented(Protocol):
    """A decorator that gives back what it is given."""

    def __call__(self, thing: _Thing, /) -> _Thing: ...


#: What stands in many docstrings.
SHARED = {
    "samples": "samples : array_like, shape (n_samples,)\n    One signal of real numbers, not empty.",
    "stft_params": "stft_params : StftParams\n    Transform size, hop, window and centring.",
    "sample_rate": "sample_rate : float\n    In Hz.",
    "frames": "%(stft_params)s\n%(sample_rate)s",
    "signal": "Parameters\n----------\n%(samples)s\n%(sample_rate)s",
    "framed_signal": "Parameters\n----------\n%(samples)s\n%(frames)s",
    "hann_frames": """n_fft, hop_size : int
    Length of the transform, under a periodic Hann window, and samples from one frame to the next; frames
    are centred, between zeros.""",
    "params": "params : SpectrogramParams\n    Transform size, hop, window and sample rate.",
    "band_edges": "f_min, f_max : float\n"
    "    Lower edge of the first band and upper edge of the last, in Hz; 0 <= f_min < f_max.",
    "dtype": 'dtype : {"float64", "float32"}\n    Precision of arithmetic and result.',
    "complex_dtype": 'dtype : {"float64", "float32"}\n    Precision: complex128 or complex64 results.',
    "working_dtype": 'dtype : {"float64", "float32"}, optional\n    Working precision.',
    "result_dtype": 'dtype : {"float64", "float32"}, optional\n    Precision of the result.',
    "rounded_dtype": 'dtype : {"float64", "float32"}, optional\n'
    "    Precision of the result; computed in float64.",
    "effort": 'effort : {"estimate", "measure", "patient"}, keyword-only\n'
    "    How long FFTW may look for the fastest transform.",
    "out_of_range": "Raises\n------\nInvalidInputError\n    If a value is out of range.",
    "bad_signal": "%(out_of_range)s\nValueError\n    If `samples` is empty.",
    "bad_call": "ValueError\n    If `samples` is empty or `dtype` unknown.\nTypeError\n"
    "    If `samples` is not 1-D or a parameter object of another class.",
    "bad_range": "%(out_of_range)s "
    "That f_max is at most half the sample rate is checked when a plan is made.",
    "bad_samples": "Raises\n------\nValueError\n    If `samples` is empty.\n"
    "TypeError\n    If `samples` has several channels or is not numbers.",
    "no_description": "%(misdescribed)s\nTypeError\n"
    "    If it is not a dict, or an entry is missing or unknown.",
    "misdescribed": "Raises\n------\nInvalidInputError\n"
    "    If it describes something else, or a value is out of range.",
    "chunk": "Parameters\n----------\nchunk : array_like, shape (n,)\n"
    "    Any number of samples, none included.",
    "after_flush": "Raises\n------\nInvalidInputError\n    After :meth:`flush`.",
    "matrix": """Parameters
----------
samples : array_like, shape (n_samples,)
    One signal of real numbers.

Returns
-------
ndarray, shape (n_bands, n_frames)

Raises
------
InvalidInputError
    If `samples` is empty.""",
    "same_in_pieces": ">>> frames = [stream.push(chunk) for chunk in np.split(noise, 10)]\n"
    ">>> np.array_equal(np.hstack([*frames, stream.flush()]), plan.compute(noise))\nTrue",
    "examples": "Examples\n--------\n>>> import numpy as np\n>>> import spectrograms as sg",
    "plain_examples": "Examples\n--------\n>>> import spectrograms as sg",
}


def fill(text: str, **texts: str) -> str:
    """Put texts where `text` names them: those of `SHARED`, and others, which may name some themselves."""
    return _filled(text, SHARED | texts)


def _filled(text, known):
    # Twenty times as fast as a regular expression, which counts while modules are imported.
    done, *rest = text.split("%(")
    for piece in rest:
        name, end, after = piece.partition(")s")
        if end and name.isidentifier():
            line = done[done.rfind("\n") + 1 :]
            margin = "\n" + " " * (len(line) - len(line.lstrip(" ")))
            indented = _filled(known[name], known).replace("\n", margin)
            done += indented.replace(f"{margin}\n", "\n\n") + after
        else:
            done += f"%({piece}"
    return done


def documented(**texts: str) -> Documented:
    """Fill the docstring of a function, or those of a class and of the methods that it defines.

    Methods have no decorator of their own: type checkers lose sight of what `staticmethod` means around one.
    """

    def decorate(thing):
        methods = vars(thing).values() if isinstance(thing, type) else ()
        for each in (thing, *(getattr(method, "__func__", method) for method in methods)):
            # With -OO there are none.
            if (each is thing or isinstance(each, FunctionType)) and each.__doc__ is not None:
                each.__doc__ = fill(each.__doc__, **texts)
        return thing

    return decorate
