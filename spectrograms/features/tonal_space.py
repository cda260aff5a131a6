"""What is made of pitch classes: coordinates in the tonal space."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import narrowed
from spectrograms._engine.results.frame_results import FrameArray
from spectrograms.features.chroma import ChromaInfo, ClassesPlan
from spectrograms.features.matrix import as_matrix, scaled
from spectrograms.params import ChromaNorm

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@documented()
class Tonnetz(FrameArray):
    """Coordinates in the tonal space over time, shape (6, n_frames).

    See Also
    --------
    TonnetzPlan : Makes it.
    tonnetz : The same numbers from pitch classes.

    %(examples)s
    >>> plan = sg.TonnetzPlan(sg.StftParams(2048, 512, "hann"), 22050, sg.ChromaStftParams())
    >>> place = plan.compute(np.random.default_rng(0).standard_normal(22050))
    >>> place.n_bins, place.n_frames, place.labels[:2]
    (6, 44, ['fifths, sine', 'fifths, cosine'])
    """

    __slots__ = ()
    __module__ = "spectrograms"

    #: Names of the coordinates.
    labels: ClassVar[list[str]] = [
        f"{circle}, {part}"
        for circle in ("fifths", "minor thirds", "major thirds")
        for part in ("sine", "cosine")
    ]


class TonnetzInfo(ChromaInfo):
    """Parameters of the tonal coordinates of one plan.

    Parameters
    ----------
    stft, sample_rate, params, dtype, effort
        As in the :class:`ChromaInfo` of the pitch classes.
    """

    scale = "tonnetz"
    _kinds = ("Tonnetz",)

    def _rows(self):
        return 6

    @property
    def unit(self) -> str:
        """Unit of the values, which are parts of one: none."""
        return ""

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        words = super().conventions()
        words["mel scale"] = f"tonal space of {words['mel scale']}"
        return words


@documented()
class TonnetzPlan(ClassesPlan[Tonnetz]):
    """Coordinates in the tonal space with everything built once.

    Parameters
    ----------
    %(frames)s
    chroma_params : ChromaParams, ChromaStftParams or ChromaCqtParams
        The pitch classes, of which each frame is divided by its sum; those from A on give what those from C
        on do.
    %(dtype)s
    %(effort)s

    Raises
    ------
    InvalidInputError
        If the sample rate is not finite and positive.

    Warns
    -----
    SpectrogramWarning
        If no bin is in range.

    See Also
    --------
    tonnetz : The same of pitch classes that are there already; has the formula.
    ChromaPlan : The pitch classes.

    %(examples)s
    >>> plan = sg.TonnetzPlan(sg.StftParams(2048, 512, "hann"), 22050, sg.ChromaCqtParams())
    >>> plan.compute(np.zeros(22050)).shape
    (6, 44)
    """

    __slots__ = ()
    _info_class = TonnetzInfo
    _result_class = Tonnetz

    @classmethod
    def _output(cls, info):
        kind, stages = super()._output(info)
        # Classes from A begin nine semitones above C.
        first = 0.0 if getattr(info.params, "base_c", True) else 9.0
        weights = _coordinates(ChromaInfo._rows(info), first)
        return kind, [*stages, ("normalize", int(ChromaNorm.l1)), ("dense", weights)]

    def _named_rows(self):
        """For pictures of bare arrays."""
        return "Tonal space", tuple(Tonnetz.labels)

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """Number of each coordinate, since coordinates have no frequency, ndarray of float64."""
        return np.arange(6.0)


def _coordinates(n_chroma, first=0.0):
    """Weights of pitch classes in the coordinates; the first class is so many semitones above C."""
    semitones = first + np.arange(n_chroma) * (12.0 / n_chroma)
    angles = np.outer(np.repeat((7 / 6, 3 / 2, 2 / 3), 2), semitones)
    angles[::2] -= 0.5
    return np.repeat((1.0, 1.0, 0.5), 2)[:, np.newaxis] * np.cos(np.pi * angles)


@documented()
def tonnetz(chroma: ArrayLike) -> NDArray[np.float64]:
    """Map pitch classes to the six coordinates of the tonal space.

    Parameters
    ----------
    chroma : array_like, shape (n_chroma, n_frames)
        Pitch classes, C first, not negative; of this package or another.

    Returns
    -------
    ndarray of float64, shape (6, n_frames)
        Two coordinates each on the circles of fifths, of minor and of major thirds.

    Raises
    ------
    TypeError
        If `chroma` is not 2-D and real.
    ValueError
        If it is empty.

    See Also
    --------
    TonnetzPlan : From signals, in batches and streams, too.
    chroma_cqt, chroma_stft, ChromaPlan : Compute pitch classes.

    Notes
    -----
    Classes are divided by their sum, then multiplied by ``r cos(pi (s c - 1/2))`` and ``r cos(pi s c)`` with
    c in semitones, s = 7/6, 3/2, 2/3 and r = 1, 1, 1/2, as ``librosa.feature.tonnetz`` does it.

    References
    ----------
    C. Harte, M. Sandler and M. Gasser, Detecting harmonic change in musical audio, AMCMM 2006.

    %(examples)s
    >>> noise = np.random.default_rng(0).standard_normal(22050)
    >>> sg.tonnetz(sg.chroma_stft(noise, 22050)).shape
    (6, 44)
    """
    values = narrowed(as_matrix("chroma", chroma), np.float64)
    return _coordinates(len(values)) @ scaled(values, ChromaNorm.l1)
