"""What ``tools/same_bytes.py`` runs in a process of each build.

python worker.py results FOLDER   every result: digests.json and values.npz
python worker.py names FILE       public names and their signatures
python worker.py save FOLDER      files, pickles and a store
python worker.py load FOLDER      what another build has saved, compared with what this one computes
"""

import hashlib
import inspect
import json
import sys
import warnings
from pathlib import Path

import numpy as np

import spectrograms as sg


def parts(value):
    """The arrays that make up a result of any kind: its values, its axes, its data as text."""
    if isinstance(value, dict):
        value = [part for item in value.items() for part in item]
    if isinstance(value, list | tuple) and not isinstance(value, sg.Batch):
        return [array for item in value for array in parts(item)]
    if isinstance(value, sg.Batch):
        return [array for item in value for array in parts(item)]
    if isinstance(value, str):
        return [np.frombuffer(value.encode(), "u1")]
    # Axes of results; a frontend gives arrays, which have none.
    axes = [getattr(value, name, None) for name in ("times", "frequencies", "labels")]
    return [_without_signs_of_nan(array) for array in (value, *axes) if array is not None]


def _without_signs_of_nan(array):
    """The same numbers, each NaN with a plus sign: which one a NaN has is not promised."""
    array = np.ascontiguousarray(array)
    if array.dtype.kind not in "fc" or not np.isnan(array).any():
        return array
    real = array.view(array.real.dtype)  # complex numbers as pairs
    return np.where(np.isnan(real), np.copysign(real, 1), real).view(array.dtype)


def digest(arrays):
    sha = hashlib.sha256()
    for array in arrays:
        sha.update(f"{array.dtype.str} {array.shape}\n".encode())
        sha.update(array.tobytes())
    return sha.hexdigest()


def compute():
    """Yield the name, the arrays and the error (None if there is none) of every result."""
    import frontends
    import functions
    import plans

    for group in (plans.cases, functions.cases, frontends.cases, frontends.recordings):
        for name, case in group():
            try:
                yield name, parts(case()), None
            except Exception as error:
                yield name, [], f"{type(error).__name__}: {error}"


def results(folder):
    digests, errors, values = {}, {}, {}
    for name, arrays, error in compute():
        if name in digests or name in errors:
            raise SystemExit(f"two results are called {name}")
        if error is not None:
            errors[name] = error
            continue
        digests[name] = digest(arrays)
        for place, array in enumerate(arrays):
            values[f"{len(digests) - 1} {place}"] = array
    np.savez(Path(folder) / "values.npz", **values)
    (Path(folder) / "digests.json").write_text(
        json.dumps({"version": sg.__version__, "file": sg.__file__, "digests": digests, "errors": errors})
    )


def _signature(value):
    """Name, kind and default of each parameter; annotations may change."""
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return None
    return [
        [each.name, each.kind.name, None if each.default is each.empty else repr(each.default)]
        for each in parameters
    ]


def names(file):
    """Every public name, and every public attribute of a class, with its signature."""
    found = {}
    for name in sg.__all__:
        value = getattr(sg, name)
        found[name] = _signature(value)
        if isinstance(value, type):
            for attribute in dir(value):
                if not attribute.startswith("_"):
                    member = inspect.getattr_static(value, attribute)
                    found[f"{name}.{attribute}"] = _signature(getattr(member, "__func__", member))
    Path(file).write_text(json.dumps(found))


if __name__ == "__main__":
    import saved

    warnings.simplefilter("ignore")
    verb, target = sys.argv[1:]
    {"results": results, "names": names, "save": saved.save, "load": saved.load}[verb](target)
