"""What plans know by their infos: their settings, where frames stand, and how plain data describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from spectrograms._common.documenting import documented
from spectrograms._common.fingerprint import fingerprint
from spectrograms._common.limits import MAX_LENGTH
from spectrograms._common.plain import PlainData
from spectrograms._engine.loop.engine import Engine
from spectrograms.errors import unsaid
from spectrograms.params.checking import as_count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_INT64 = 2**63 - 1


@documented()
class InfoPlan(PlainData):
    """Base of what an info describes and an engine counts the frames of.

    It is immutable, and equal, hashed and pickled by its parameters.
    """

    __slots__ = ("__weakref__", "_engine", "_info")
    # Each subclass sets this, and `_configure`, which makes the engine.
    _info_class: ClassVar[Any]
    _engine: Engine
    _info: Any

    @classmethod
    def _from_info(cls, info):
        plan = object.__new__(cls)
        plan._configure(info)
        return plan

    def _configure(self, info):
        raise NotImplementedError(f"{type(self).__name__} must say how it is made")

    @property
    def dtype(self) -> str:
        """Precision of arithmetic and result: ``"float32"`` or ``"float64"``."""
        return self._info.dtype

    @property
    def params(self) -> Any:
        """The parameters of the plan, as its results carry them."""
        return self._info.params

    @property
    def effort(self) -> str:
        """How long FFTW was allowed to look for the fastest transform."""
        return self._info.effort

    @property
    def n_bins(self) -> int:
        """Rows of a result."""
        return self._engine.rows

    @property
    def sample_rate(self) -> float:
        """Samples per second of the signals."""
        return self._info.sample_rate

    @property
    def hop_seconds(self) -> float:
        """Seconds from one frame to the next."""
        return self._info.hop_size / self._info.sample_rate

    def frame_count(self, n_samples: int) -> int:
        """Number of frames of a signal of `n_samples` samples.

        %(plain_examples)s
        >>> sg.StftPlan(sg.SpectrogramParams.speech_default(16000)).frame_count(16000)
        101
        """
        n = as_count("n_samples", n_samples)
        if n > MAX_INT64 - 2 * MAX_LENGTH:
            raise OverflowError(f"int too big to convert: n_samples must fit in 63 bits, got {n}")
        return self._engine.frame_count(n)

    def output_shape(self, signal_length: int) -> tuple[int, ...]:
        """Shape (n_bins, n_frames) of the result for a signal of `signal_length` samples.

        %(plain_examples)s
        >>> sg.StftPlan(sg.SpectrogramParams.speech_default(16000)).output_shape(16000)
        (257, 101)
        """
        return self.n_bins, self.frame_count(signal_length)

    def times(self, n_samples: int) -> NDArray[np.float64]:
        """Time of each frame of a signal of `n_samples` samples, in seconds, ndarray of float64.

        Frame t is at ``t * hop_size / sample_rate``. With centred frames that is the middle of its `n_fft`
        samples; without centring it is their beginning, whereas ``times`` of a frontend is the middle always.

        %(plain_examples)s
        >>> sg.SpectrogramPlan(sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)).times(480)
        array([0.  , 0.01, 0.02, 0.03])
        """
        return self._info.times(self.frame_count(n_samples))

    # --- plans as data --------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain types, for :meth:`from_dict`.

        %(plain_examples)s
        >>> plan = sg.StftPlan(sg.SpectrogramParams.speech_default(16000))
        >>> sorted(plan.to_dict())
        ['dtype', 'spectrogram_params', 'type']
        """
        return self._info.to_dict()

    @property
    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice, the same conventions as those of frontends."""
        return self._info.conventions()

    @property
    def fingerprint(self) -> str:
        """Which numbers the plan gives: equal for equal settings under the same numeric contract."""
        return fingerprint(self.to_dict())

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Rebuild a plan from `data`, the dict of :meth:`to_dict`.

        %(no_description)s

        %(plain_examples)s
        >>> plan = sg.StftPlan(sg.SpectrogramParams.speech_default(16000))
        >>> sg.StftPlan.from_dict(plan.to_dict()) == plan
        True
        """
        with unsaid():
            return cls._from_info(cls._info_class.from_dict(data))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._info == other._info

    def __hash__(self) -> int:
        return hash((type(self), self._info))
