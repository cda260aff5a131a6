"""Workers in whom something goes wrong, by the names of their inputs."""

import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from spectrograms.cli import computing, planning

_read, _compute_task = planning.read_audio, computing.task
# The file at which a worker dies, and a file that is there until then.
_AT, _UNTIL = "TEST_FAULTS_AT", "TEST_FAULTS_UNTIL"


def task(*given):
    """The work of ``extract`` on a part."""
    from spectrograms.corpus.run import workers
    from spectrograms.corpus.stores import rows

    rows.read_audio = reading
    return workers._task(*given)


def narrow_task(*given):
    """The work of ``extract`` on a part, with 256 MiB of addresses beyond those in use when it begins."""
    import resource  # not there on Windows

    from spectrograms.corpus.run import workers

    if resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + (256 << 20)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    return workers._task(*given)


def compute_task(*given):
    """The work of ``compute`` on some files."""
    planning.read_audio = reading
    return _compute_task(*given)


def reading(sound, *given, **options):
    """Read a file, unless its name says what happens."""
    path = str(getattr(sound, "path", sound))
    name = Path(path).name
    if name == "kill.wav":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "abort.wav":
        os.abort()
    if name == "hungry.wav":
        np.empty(1 << 62, np.uint8)
    if path == os.environ.get(_AT) and os.path.exists(os.environ[_UNTIL]):
        os.unlink(os.environ[_UNTIL])
        os.kill(os.getpid(), signal.SIGKILL)
    return _read(sound, *given, **options)


@contextmanager
def dying_once(at, until):
    """Let the worker that reads a file die, the first time."""
    os.environ.update({_AT: os.fspath(at), _UNTIL: os.fspath(until)})
    try:
        yield
    finally:
        del os.environ[_AT], os.environ[_UNTIL]


def no_setup(*given):
    """Not even the start works."""
    sys.stderr.flush()
    os._exit(3)
