"""Spectrograms: the plan behind all twenty-one of them, and what its results mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from spectrograms._common.documenting import documented
from spectrograms._engine.results.frame_results import Spectrogram
from spectrograms.params import LogParams, SpectrogramParams, parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.checking import as_choice
from spectrograms.plans.base import Plan
from spectrograms.plans.infos import EFFORTS, Info, decibel_words, frame_words
from spectrograms.plans.scales import AMPLITUDES, DEFAULT_FLOOR, amplitude_stages, scale_of
from spectrograms.plans.units import unit_of, weighting_stages

if TYPE_CHECKING:
    from spectrograms.params.dtype import DType


def as_spectrogram_params(params: Any) -> SpectrogramParams:
    """Accept SpectrogramParams; the error is worded as in the reference."""
    if not isinstance(params, SpectrogramParams):
        raise TypeError(f"params must be SpectrogramParams, got {type(params).__name__}")
    return params


class SpectrogramInfo(Info, Params):
    """Scale, amplitude and axes of the spectrograms of one plan.

    Parameters
    ----------
    params : SpectrogramParams
    scale_params : parameter object or None
    amplitude : str
    db : LogParams or None
    dtype : str
    effort : str
    """

    params: SpectrogramParams
    scale_params: Params | None
    amplitude: str
    db: LogParams | None
    dtype: str
    effort: str
    _kinds = ("Spectrogram",)

    def __new__(
        cls,
        params: SpectrogramParams,
        scale_params: Params | None,
        amplitude: str,
        db: LogParams | None,
        dtype: DType,
        *,
        effort: str = "estimate",
    ) -> Self:
        params = as_spectrogram_params(params)
        amplitude = as_choice("amplitude", amplitude, AMPLITUDES)
        if db is not None and not isinstance(db, LogParams):
            raise TypeError(f"db must be LogParams or None, got {type(db).__name__}")
        if amplitude == "db" and db is None:
            db = DEFAULT_FLOOR
        scale_of(scale_params)
        return cls._create(
            params,
            scale_params,
            amplitude,
            db if amplitude == "db" else None,
            parse_dtype(dtype),
            as_choice("effort", effort, EFFORTS),
        )

    def _rows(self):
        return scale_of(self.scale_params).count(self.params, self.scale_params)

    @property
    def scale(self) -> str:
        """Name of the scale of the rows."""
        return scale_of(self.scale_params).name

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return unit_of(self.params, self.amplitude, self.db)

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        words = {"spectrum": "power", **scale_of(self.scale_params).words(self.params, self.scale_params)}
        if self.amplitude == "magnitude":
            words |= {"spectrum": "magnitude"} if self.scale == "linear" else {"root": "square root"}
        if self.db is not None:
            words["log"] = decibel_words(self.db)
        return frame_words(self, **words)

    def _frequency_axis(self):
        return scale_of(self.scale_params).frequencies(self.params, self.scale_params)


@documented()
class SpectrogramPlan(Plan[Spectrogram]):
    """Everything needed to compute one kind of spectrogram, built once.

    Parameters
    ----------
    %(params)s
    scale : MelParams, ErbParams, BarkParams, LogHzParams, OctaveParams, CqtParams, LinearParams, optional
        What the rows are; None for the FFT bins themselves, LinearParams for some of them.
    amplitude : {"power", "magnitude", "db"}
        What the values are: power, its square root, or ``10 * log10`` of it.
    db : LogParams, optional
        Floor of dB values, -80 dB by default.
    %(dtype)s
    effort : {"estimate", "measure", "patient"}, keyword-only
        How long FFTW may look for the fastest transform. Measuring takes 20 ms and more for each transform,
        gains 2 to 10 %, and may round differently from process to process; see :func:`save_wisdom`.

    Raises
    ------
    InvalidInputError
        If the scale reaches beyond the Nyquist frequency or has too many bands.
    MemoryError
        If ``n_fft`` exceeds 2**28.

    Warns
    -----
    SpectrogramWarning
        If bands hold no bin, or constant-Q kernels are longer than a frame.

    See Also
    --------
    SpectrogramPlanner : Makes plans of each kind by a method of its own.
    compute_mel_db_spectrogram : Makes and uses a plan in one call.
    FeatureSet : Several features from the same transforms.
    StftPlan : Complex values.

    Notes
    -----
    Power is ``re**2 + im**2`` of the unnormalised transform. Bands weigh power; magnitude is the square
    root of the band's power.

    %(examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> plan = sg.SpectrogramPlan(params, sg.MelParams(80, 0.0, 8000.0), "db", dtype="float32")
    >>> spectrogram = plan.compute(np.random.default_rng(0).standard_normal(16000))
    >>> spectrogram.shape, spectrogram.dtype
    ((80, 101), 'float32')
    >>> plan.conventions["mel scale"], plan.conventions["bands"]
    ('slaney', '80')
    """

    __slots__ = ()
    _info_class = SpectrogramInfo
    _result_class = Spectrogram

    def __init__(
        self,
        params: SpectrogramParams,
        scale: Params | None = None,
        amplitude: str = "power",
        db: LogParams | None = None,
        dtype: DType = "float64",
        *,
        effort: str = "estimate",
    ) -> None:
        self._configure(SpectrogramInfo(params, scale, amplitude, db, dtype, effort=effort))

    @classmethod
    def _output(cls, info):
        row = scale_of(info.scale_params)
        return row.spectrum, [
            *row.stages(info.params, info.scale_params),
            *weighting_stages(info.db, row.axis, info.params, info.scale_params),
            *amplitude_stages(info.amplitude, info.db),
        ]

    @classmethod
    def _findings(cls, info, stages):
        return scale_of(info.scale_params).findings(info.params, info.scale_params, stages)

    @property
    def scale(self) -> str:
        """Name of the scale of the rows, such as ``"linear"`` or ``"mel"``."""
        return self._info.scale

    @property
    def scale_params(self) -> Params | None:
        """The parameters of the scale, None for linear."""
        return self._info.scale_params

    @property
    def amplitude(self) -> str:
        """What the values are: ``"power"``, ``"magnitude"`` or ``"db"``."""
        return self._info.amplitude

    @property
    def db_params(self) -> LogParams | None:
        """LogParams of a dB plan, else None."""
        return self._info.db

    def __repr__(self) -> str:
        scale = self.scale_params if self.scale_params is not None else "linear"
        name = type(self).__name__
        return f"{name}({self.params}, scale={scale}, amplitude={self.amplitude!r}, dtype={self.dtype!r})"
