"""Tasks for workers whose ends come later, as `spectrograms._common.processes` runs them."""

import os
import signal
import time
from pathlib import Path

from spectrograms._common.processes import Later

# Seconds after which what should have happened has not.
LONG = 60


def nothing():
    """No state."""


def task(state, payload, careful, refused, notes, stop):
    """Says that it has begun; its end waits until another task has, and then dies, fails or returns."""
    folder, name, awaited, fate = payload
    folder = Path(folder)
    notes.begun(0)
    notes.done(0)
    with (folder / "begun").open("a") as log:
        log.write(f"{name}\n")

    def end():
        until = time.monotonic() + LONG
        while awaited is not None and awaited not in (folder / "begun").read_text().split():
            if time.monotonic() > until:
                raise TimeoutError(f"{awaited} has not begun while {name} was ending")
            time.sleep(0.005)
        if fate == "die" and not (folder / "dead").exists():
            (folder / "dead").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if fate == "die always":
            os.kill(os.getpid(), signal.SIGKILL)
        if fate == "fail":
            raise OSError("the disk is full")
        return f"{name} ended"

    return Later(end)
