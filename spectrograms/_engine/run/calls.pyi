from collections.abc import Sequence
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.memory.blocks import AlignedBlock
from spectrograms._engine.results.result import OwnedArray
from spectrograms._engine.run.jobs import Job

MOST_OUTPUTS: Final = 32

_R = TypeVar("_R", bound=OwnedArray)

def compute(
    engine: Engine, cls: type[_R], samples: ArrayLike, info: Any, empty: str, num_threads: int | None = None
) -> _R: ...
def compute_plain(engine: Engine, samples: Any, out: Any, num_threads: int | None = None) -> bool: ...
def compute_into(
    engine: Engine, samples: ArrayLike, out: NDArray[Any], empty: str, num_threads: int | None = None
) -> None: ...
def compute_outputs(
    engine: Engine,
    classes: list[type[OwnedArray]],
    samples: ArrayLike,
    infos: list[Any],
    empty: str,
    num_threads: int | None = None,
) -> list[Any]: ...
def compute_outputs_into(
    engine: Engine, samples: ArrayLike, outs: list[NDArray[Any]], empty: str, num_threads: int | None = None
) -> None: ...
def compute_frames(engine: Engine, samples: ArrayLike, out: NDArray[Any], first: int, empty: str) -> None: ...
def compute_part(
    engine: Engine, samples: NDArray[Any], origin: int, length: int, outs: list[NDArray[Any]], first: int
) -> None: ...
def compute_padded(
    engine: Engine,
    signals: list[NDArray[Any]],
    tails: list[int],
    outs: list[list[NDArray[Any]]],
    num_threads: int | None = None,
) -> None: ...
def compute_array(
    engine: Engine, signals: NDArray[Any], outs: list[NDArray[Any]], num_threads: int | None = None
) -> None: ...
def attach_all(engine: Engine, signals: Sequence[ArrayLike]) -> Job: ...
def frame_counts(job: Job) -> NDArray[np.int64]: ...
def run_all(
    job: Job, num_threads: int | None = None, time_major: bool = False
) -> list[tuple[AlignedBlock, NDArray[np.int64]]]: ...
