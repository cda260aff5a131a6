"""The results of a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spectrograms.corpus.run.part import PartReport


@dataclass
class Report:
    """Outcome of a run; counts are of inputs unless stated otherwise.

    Attributes
    ----------
    n_inputs : int
        All inputs of the run.
    n_skipped : int
        Stored by earlier runs.
    n_failed_before : int
        Failed in an earlier run, and not retried.
    n_done : int
        Stored by this run.
    failures : list of dict
        ``id``, ``path``, ``error`` and ``message`` of each input that failed now.
    rows, frames : int
        Stored by this run.
    audio_seconds : float
        Audio in the rows stored by this run.
    seconds : float
        Wall time.
    left_out : dict
        Files of folders and patterns that were left out, by suffix; also ``"hidden"``, ``"link"``,
        ``"no suffix"`` and ``"other"``.
    n_duplicates : int
        Inputs dropped because of their id, with ``on_duplicate="first"``.
    n_changed, n_gone : int
        Of those in the store before: inputs whose source has other content now, and stored ids, whether among
        the inputs or not, whose source no longer exists.
    n_unknown : int
        Of those stored earlier: inputs whose source was not recorded, or is not accessible.
    n_stale : int
        Changed and gone inputs whose rows were kept; 0 after a refresh.

    See Also
    --------
    extract : Makes it.
    PartReport : Of one shard.

    Examples
    --------
    >>> from spectrograms.corpus import Report
    >>> report = Report(n_inputs=3, n_skipped=1, n_done=1, audio_seconds=7200.0, seconds=4.0)
    >>> report.failures.append({"id": "c", "path": "c.wav", "error": "OSError", "message": "gone"})
    >>> report.n_failed, report.failures_by_kind
    (1, {'OSError': 1})
    >>> report.hours_per_second
    0.5
    """

    n_inputs: int = 0
    n_skipped: int = 0
    n_failed_before: int = 0
    n_done: int = 0
    failures: list[dict[str, str]] = field(default_factory=list)
    rows: int = 0
    frames: int = 0
    audio_seconds: float = 0.0
    seconds: float = 0.0
    left_out: dict[str, int] = field(default_factory=dict)
    n_duplicates: int = 0
    n_changed: int = 0
    n_gone: int = 0
    n_unknown: int = 0
    n_stale: int = 0

    @property
    def n_finished(self) -> int:
        """Inputs that need no more work."""
        return self.n_skipped + self.n_failed_before + self.n_done + len(self.failures)

    @property
    def n_failed(self) -> int:
        """Inputs that failed, now or before."""
        return self.n_failed_before + len(self.failures)

    @property
    def hours_per_second(self) -> float:
        """Hours of audio in a second of wall time."""
        return self.audio_seconds / 3600 / self.seconds if self.seconds else 0.0

    @property
    def real_time_factor(self) -> float:
        """Wall time for each second of audio."""
        return self.seconds / self.audio_seconds if self.audio_seconds else 0.0

    @property
    def failures_by_kind(self) -> dict[str, int]:
        """How many inputs failed, by class of error."""
        return dict(Counter(failure["error"] for failure in self.failures).most_common())

    def add(self, part: PartReport) -> None:
        """Count what came of a part.

        Parameters
        ----------
        part : PartReport
            What :func:`extract_part` returned.

        Examples
        --------
        >>> from spectrograms.corpus import PartReport, Report
        >>> report = Report(n_inputs=4)
        >>> report.add(PartReport(n_done=2, rows=2, frames=200, seconds=2.0))
        >>> report.n_done, report.frames
        (2, 200)
        """
        self.n_done += part.n_done
        self.rows += part.rows
        self.frames += part.frames
        self.audio_seconds += part.seconds
        self.failures += part.failures

    def to_dict(self) -> dict[str, Any]:
        """Plain data by the names of the attributes, and derived numbers.

        Examples
        --------
        >>> from spectrograms.corpus import Report
        >>> Report(n_inputs=2, n_done=2, audio_seconds=3600.0, seconds=2.0).to_dict()["hours_per_second"]
        0.5
        """
        stored = {field.name: getattr(self, field.name) for field in fields(self)}
        derived = ("hours_per_second", "real_time_factor", "failures_by_kind")
        return {**stored, **{name: getattr(self, name) for name in derived}}
