"""Scripts in fresh processes that find slow modules already imported."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager

# The process that is forked. A child leaves the loop, so its script ends as any program does.
SERVER = """
import importlib, json, os, sys

for name in json.loads(sys.stdin.readline()):
    try:
        importlib.import_module(name)
    except ImportError:
        pass
for line in sys.stdin:
    script = json.loads(line)
    child = os.fork()
    if not child:
        for number, place in enumerate((os.devnull, script["stdout"], script["stderr"])):
            opened = os.open(place, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            os.dup2(opened, number)
            os.close(opened)
        os.chdir(script["cwd"])
        os.environ.update(script["env"])
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
exec(script["body"], {"__name__": "__main__"})
"""


def run_alone(body, folder, *options, **environment):
    """Run a script in an interpreter of its own; give its exit code, what it printed, and its errors."""
    command = [sys.executable, "-P", *options, "-c", body]
    environment = os.environ | environment
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=environment)
    return ran.returncode, ran.stdout, ran.stderr


@contextmanager
def forking(*options, modules):
    """Start a process that imports modules, and run scripts in its children.

    Parameters
    ----------
    *options : str
        Options of Python, besides ``-P``.
    modules : sequence of str
        Those that are not installed are passed over.

    Yields
    ------
    callable
        It is called like `run_alone`, without the options, and gives the same. Where there is no fork, that
        is what runs.
    """
    if not hasattr(os, "fork"):
        yield lambda body, folder, **environment: run_alone(body, folder, *options, **environment)
        return

    def run(body, folder, **environment):
        printed, errors = folder / "stdout", folder / "stderr"
        script = {"body": body, "cwd": folder, "env": environment, "stdout": printed, "stderr": errors}
        print(json.dumps(script, default=os.fspath), file=server.stdin, flush=True)
        return int(server.stdout.readline()), printed.read_text(), errors.read_text()

    command = [sys.executable, "-P", *options, "-c", SERVER]
    # Without threads of OpenBLAS there is nothing that a fork could miss.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as server:
        print(json.dumps(modules), file=server.stdin)
        yield run
        server.stdin.close()
