"""Features as a transformer of scikit-learn, for pipelines and searches over parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common.extras import Needed
from spectrograms._frontends.making import frontend as make_frontend
from spectrograms.errors import InvalidInputError, shown

with Needed("scikit-learn", "scikit-learn", "sklearn"):
    from sklearn.base import BaseEstimator, TransformerMixin

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FrontendTransformer"]

_POOLS: dict[str, Any] = {"mean": np.mean, "std": np.std, "min": np.min, "max": np.max, "median": np.median}


class FrontendTransformer(TransformerMixin, BaseEstimator):
    """Signals in, features out: any frontend as a step of a pipeline.

    Parameters
    ----------
    frontend : str, default "librosa_mfcc"
        One of :func:`spectrograms.frontends`.
    sample_rate : float, optional
        In Hz; by default the one of the definition.
    params : dict, optional
        Parameters of the frontend.
    precision : {"float64", "float32"}
        Arithmetic.
    pool : str, sequence of str or None, default ("mean", "std")
        What becomes of the frames of a signal: one or more of ``"mean"``, ``"std"``, ``"min"``, ``"max"`` and
        ``"median"`` over time, side by side in one row. None keeps the frames.
    n_frames : int, optional
        With ``pool=None``: so many frames of each signal, cut or followed by zeros, in one row. Without it
        signals stay as long as they are.
    num_threads : int, optional
        Largest number of threads.

    Attributes
    ----------
    n_bins_ : int
        Values in a frame.

    See Also
    --------
    spectrograms.frontend : The same for one signal.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from spectrograms.sklearn import FrontendTransformer
    >>> seconds = np.arange(11025) / 22050
    >>> tones = [np.sin(2 * np.pi * pitch * seconds) for pitch in (200, 210, 3000, 3100)]
    >>> model = make_pipeline(FrontendTransformer("librosa_mfcc"), LogisticRegression())
    >>> model.fit(tones, ["low", "low", "high", "high"]).predict([np.sin(2 * np.pi * 3050 * seconds)])
    array(['high'], dtype='<U4')
    """

    def __init__(
        self,
        frontend: str = "librosa_mfcc",
        *,
        sample_rate: float | None = None,
        params: dict[str, Any] | None = None,
        precision: str = "float64",
        pool: Any = ("mean", "std"),
        n_frames: int | None = None,
        num_threads: int | None = None,
    ) -> None:
        # As scikit-learn wants it: kept as they are given, looked at by fit.
        self.frontend = frontend
        self.sample_rate = sample_rate
        self.params = params
        self.precision = precision
        self.pool = pool
        self.n_frames = n_frames
        self.num_threads = num_threads

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters; nothing is learned from the signals.

        Parameters
        ----------
        X : sequence of array_like, or array_like of shape (n, n_samples)
            Signals.
        y : ignored
            For pipelines.

        Returns
        -------
        FrontendTransformer
            Itself.

        Raises
        ------
        InvalidInputError, TypeError
            As by :func:`spectrograms.frontend`, and if `pool` or `n_frames` is not offered.

        Examples
        --------
        >>> import numpy as np
        >>> from spectrograms.sklearn import FrontendTransformer
        >>> transformer = FrontendTransformer("kaldi_fbank", pool="mean")
        >>> transformer.fit([np.ones(16000)]) is transformer
        True
        """
        self._pools()
        self.n_bins_: int = self._made().n_bins
        return self

    def transform(self, X: Any) -> Any:
        """Compute the features of signals.

        Parameters
        ----------
        X : sequence of array_like, or array_like of shape (n, n_samples)
            Signals, of any lengths in a sequence.

        Returns
        -------
        ndarray, shape (n, n_features)
            With `pool` or `n_frames`.
        list of ndarray, each of shape (n_frames, n_bins)
            Without.

        Examples
        --------
        >>> import numpy as np
        >>> from spectrograms.sklearn import FrontendTransformer
        >>> transformer = FrontendTransformer("kaldi_fbank", pool="mean").fit(None)
        >>> transformer.transform([np.ones(16000), np.ones(8000)]).shape
        (2, 23)
        """
        made, pools = self._made(), self._pools()
        batch = made.compute_batch(list(X), num_threads=self.num_threads)
        frames = list(batch) if made.layout == "(frames, rows)" else [each.T for each in batch]
        if pools:
            rows = [np.concatenate([_POOLS[name](each, axis=0) for name in pools]) for each in frames]
            return np.stack(rows) if rows else np.empty((0, len(pools) * made.n_bins), made.dtype)
        if self.n_frames is None:
            return frames
        out = np.zeros((len(frames), self.n_frames, made.n_bins), made.dtype)
        for row, each in zip(out, frames, strict=True):
            row[: len(each)] = each[: self.n_frames]
        return out.reshape(len(out), -1)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Names of the columns, such as ``"mean_0"``; `input_features` are not looked at.

        Raises
        ------
        InvalidInputError
            If signals keep their frames, so that there are no columns.

        Examples
        --------
        >>> from spectrograms.sklearn import FrontendTransformer
        >>> transformer = FrontendTransformer("kaldi_fbank", pool="mean").fit(None)
        >>> transformer.get_feature_names_out()[:2]
        array(['mean_0', 'mean_1'], dtype=object)
        """
        bins = range(self._made().n_bins)
        pools = self._pools()
        if not pools and self.n_frames is None:
            raise InvalidInputError("there are no columns without pool and n_frames")
        places = pools or [f"frame{i}" for i in range(self.n_frames or 0)]
        return np.array([f"{place}_{i}" for place in places for i in bins], object)

    def _made(self):
        return make_frontend(
            self.frontend, sample_rate=self.sample_rate, precision=self.precision, **(self.params or {})
        )

    def _pools(self):
        pools = [self.pool] if isinstance(self.pool, str) else list(self.pool or ())
        for name in pools:
            if name not in _POOLS:
                raise InvalidInputError(f"pool must be of {sorted(_POOLS)}, got {shown(name)}")
        if self.n_frames is not None and (pools or not int(self.n_frames) >= 1):
            raise InvalidInputError(f"n_frames must be >= 1, with pool=None, got {shown(self.n_frames)}")
        return pools

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn asks of an estimator: signals are no table, and nothing has to be learned."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        tags.requires_fit = False
        return tags
