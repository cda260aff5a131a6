"""What tests need of the system that not every one has: read from their code, so that none needs a mark.

A test is skipped where its function, or one of its module that it calls, names something that is not there.
"""

import os
import signal
import types
from importlib.util import find_spec

# What is named -> (whether it is there, why a test is skipped). With a slash or a blank it is part of a text,
# such as a program for another process; else it is an attribute or a module.
NAMED = {
    "fork": (hasattr(os, "fork"), "this system does not fork"),
    "killpg": (hasattr(os, "killpg"), "this system has no groups of processes"),
    "mkfifo": (hasattr(os, "mkfifo"), "this system has no pipes with names"),
    "SIGKILL": (hasattr(signal, "SIGKILL"), "this system has no such signals"),
    "resource": (find_spec("resource") is not None, "this system has no limits of processes"),
    "import resource": (find_spec("resource") is not None, "this system has no limits of processes"),
    "symlink_to": (os.name != "nt", "links need rights"),
    "symlink": (os.name != "nt", "links need rights"),
    "/proc/": (os.path.isdir("/proc/self"), "this system has no /proc"),
    "/dev/": (os.path.exists("/dev/null"), "this system has no devices with names"),
}


def _codes(function):
    """The code of a function, of those within it, and of those of its module that they call."""
    waiting, seen = [function.__code__], set()
    while waiting:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        yield code
        waiting += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
        for name in (*code.co_names, *code.co_varnames[: code.co_argcount]):
            # Fixtures, too, which wrap what they are made of.
            other = function.__globals__.get(name)
            other = getattr(other, "__wrapped__", getattr(other, "__func__", other))
            if isinstance(other, types.FunctionType) and other.__module__ == function.__module__:
                waiting.append(other.__code__)


def lacking(function, named=NAMED):
    """Why a test cannot run here, or None."""
    for code in _codes(function):
        texts = [constant for constant in code.co_consts if isinstance(constant, str)]
        for name, (there, reason) in named.items():
            found = any(name in text for text in texts) if set(name) & set("/ ") else name in code.co_names
            if found and not there:
                return reason
    return None
