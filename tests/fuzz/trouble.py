"""Words for arrays and objects that cause trouble, and for operations on them."""

import copy
import io
import json
import math
import os
import pickle
import random
import sys
import tempfile
import threading
import warnings

import numpy as np
from support.threads import in_threads

import spectrograms as sg

__all__ = [
    "Arrayish",
    "Boom",
    "Buffer",
    "Dlpack",
    "Floats",
    "Index",
    "Meddler",
    "Odd",
    "agree",
    "big_endian",
    "broadcast",
    "changed",
    "copy",
    "deep",
    "fed",
    "filled",
    "frozen",
    "garbled",
    "hooked",
    "io",
    "item",
    "json",
    "loaded",
    "math",
    "misaligned",
    "mp3",
    "nan",
    "inf",
    "noise",
    "np",
    "objects",
    "pickle",
    "saved",
    "scaled",
    "sg",
    "steps",
    "temporary",
    "together",
    "toggled",
    "use",
    "wave",
    "write",
]

nan, inf = math.nan, math.inf


class Boom(Exception):
    """Raised by an argument; it has to reach the caller unchanged."""


class Wrong(Exception):
    """Two results differ that have to agree."""


# --- arrays ------------------------------------------------------------------------------------------


def noise(*shape, dtype="f8", seed=0):
    """Noise around zero in any dtype."""
    kind = np.dtype(dtype)
    values = np.random.default_rng(seed).standard_normal(shape)
    if kind.kind in "iu":
        return (values * 100).astype("i8").astype(kind)
    if kind.kind == "c":
        return (values + 1j * values[..., ::-1]).astype(kind)
    if kind.kind == "b":
        return values > 0
    return values.astype(kind)


def filled(array, value, *places):
    """The array with a value at a few places, counted in flat order."""
    flat = array.reshape(-1)
    for place in places:
        if flat.size:
            flat[place % flat.size] = value
    return array


def objects(array, *things):
    """The values as an array of objects, from the third on replaced by the given ones."""
    array = array.astype(object)
    flat = array.reshape(-1)
    for i, thing in enumerate(things):
        if flat.size:
            flat[(2 + i) % flat.size] = thing
    return array


def scaled(array, factor):
    """The array times a number, without warnings of overflow."""
    with np.errstate(all="ignore"):
        return array * factor


def steps(array, step=2):
    """The values of an array, `step` apart in memory, or backwards."""
    if step < 0:
        return np.ascontiguousarray(array[..., ::-1])[..., ::-1]
    return np.repeat(array, step, axis=-1)[..., ::step]


def misaligned(array):
    """The values of an array at an odd address."""
    array = np.ascontiguousarray(array)
    raw = np.zeros(array.nbytes + 1, "u1")
    view = raw[1:].view(array.dtype).reshape(array.shape)
    view[...] = array
    return view


def big_endian(array):
    """The values of an array in the other byte order."""
    return array.astype(array.dtype.newbyteorder())


def frozen(array):
    """The array, read-only."""
    array.flags.writeable = False
    return array


def broadcast(*shape, value=0.5):
    """One value broadcast to many."""
    return np.broadcast_to(np.float64(value), shape)


# --- objects -----------------------------------------------------------------------------------------


class Odd(np.ndarray):
    """An array that lies about itself."""

    size = 7
    nbytes = 3

    def __len__(self):
        return 10**6


class Arrayish:
    """An object with nothing but ``__array__``, which may return anything or raise."""

    def __init__(self, value, action=None):
        self.value = value
        self.action = action

    def __array__(self, dtype=None, copy=None):
        if self.action:
            self.action()
        return self.value

    def __repr__(self):
        return "Arrayish()"


class Dlpack:
    """An object with nothing but ``__dlpack__``."""

    def __init__(self, array, device=(1, 0)):
        self.array = array
        self.device = device

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.device


class Buffer(bytearray):
    """A buffer with an attribute that NumPy looks up."""

    @property
    def __array_interface__(self):
        return {"shape": (1,), "typestr": "<f8", "data": b"12345678", "version": 3}


class Floats:
    """A number by ``__float__``, which may do or raise anything before."""

    def __init__(self, value=0.5, action=None):
        self.value = value
        self.action = action

    def __float__(self):
        if self.action:
            self.action()
        return self.value

    def __repr__(self):
        return "Floats()"


class Index:
    """An integer by ``__index__``, a different one each time."""

    def __init__(self, *values):
        self.values = list(values)

    def __index__(self):
        value = self.values[0]
        self.values.append(self.values.pop(0))
        if value is None:
            raise Boom("index")
        return value


class Meddler:
    """Changes the shape of an array repeatedly when called."""

    def __init__(self, array):
        self.array = array

    def __call__(self):
        shape = self.array.shape
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.array.shape = (1, self.array.size) if len(shape) != 1 else (self.array.size, 1)
        except (AttributeError, ValueError):
            pass

    def boom(self):
        raise Boom("meddler")


def deep(depth=100_000):
    """A list in a list in a list."""
    value = []
    for _ in range(depth):
        value = [value]
    return value


# --- what is done with them --------------------------------------------------------------------------


def together(count, work):
    """Run `work` in several threads at once; return the first result or raise the first error."""
    results = in_threads(lambda i: work(), count)
    for other in results[1:]:
        agree(results[0], other)
    return results[0]


def toggled(array, work, seconds=0.02):
    """Run `work` while another thread changes the shape of an array."""
    over = threading.Event()
    meddle = Meddler(array)

    def toggle():
        while not over.is_set():
            meddle()

    thread = threading.Thread(target=toggle)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread.start()
    try:
        return work()
    finally:
        over.set()
        thread.join()
        sys.setswitchinterval(interval)


def hooked(array, work):
    """Run `work` while every warning changes the shape of an array."""
    shown = warnings.showwarning
    meddle = Meddler(array)

    def show(*arguments, **options):
        meddle()
        shown(*arguments, **options)

    warnings.showwarning = show
    try:
        return work()
    finally:
        warnings.showwarning = shown


def _bytes(value):
    if isinstance(value, dict):
        return {name: _bytes(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_bytes(each) for each in value]
    if not isinstance(value, np.ndarray):
        value = getattr(value, "data", value)
    if isinstance(value, np.ndarray):
        kind = str(value.dtype)
        if value.dtype.char in "gG":  # whose bytes are not all of the number
            value = value.astype(value.dtype.kind + str(value.dtype.itemsize // 2))
        return value.shape, kind, value.tobytes()
    return None


def agree(a, b):
    """Compare two results bit for bit."""
    if _bytes(a) != _bytes(b):
        raise Wrong("two results differ")


def fed(stream, *chunks):
    """Push chunks to a stream and flush it."""
    return [*(stream.push(chunk) for chunk in chunks), stream.flush()]


def use(thing):
    """Compute something with an object read from a text or file, if it can compute."""
    if isinstance(thing, sg.IstftPlan):
        return None
    for name in ("n_fft", "hop_size"):
        if getattr(getattr(thing, "stft_params", None), name, 0) > 1 << 20:
            return None
    if hasattr(thing, "compute_batch"):
        x = noise(3000)
        return thing.compute(x), thing.compute_batch([x[:2500], x]), fed(thing.stream(), x[:50], x[50:])
    return repr(thing)


def item(thing, *keys):
    """Index something; only here may an IndexError reach the caller."""
    for key in keys:
        thing = thing[key]
    return thing


def temporary(name="file"):
    """A path in the folder of this process, for files that are overwritten each time."""
    folder = os.path.join(tempfile.gettempdir(), f"fuzz-{os.getpid()}")
    os.makedirs(folder, exist_ok=True)
    return os.path.join(folder, name)


def write(content, suffix):
    """Write bytes to a file; return its path."""
    path = temporary(f"written{suffix}")
    with open(path, "wb") as file:
        file.write(content)
    return path


def garbled(content, seed, count=1):
    """Text or bytes with a few places changed, cut out or doubled."""
    choose = random.Random(seed)
    text = isinstance(content, str)
    for _ in range(count):
        at = choose.randrange(len(content) + 1)
        change = choose.randrange(6)
        if change == 0:
            content = content[:at]
        elif change == 1:
            content = content[:at] + content[at + choose.randrange(1, 9) :]
        elif change == 2:
            content = content[:at] + content[max(0, at - 20) :]
        else:
            new = choose.choice(["0", "-1", "1e999", "[", "]", '"', "null", "true", "9" * 25, "\0", "é"])
            if not text:
                new = bytes(choose.choice([0, 1, 127, 128, 255]) for _ in range(choose.choice([1, 1, 2, 4])))
            content = content[:at] + new + content[at + len(new) :]
    return content


def changed(tree, seed, value, drop=False):
    """Plain data with one field, at any depth, replaced or dropped."""
    tree = copy.deepcopy(tree)
    places = []

    def visit(node):
        keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        for key in list(keys)[:50]:
            places.append((node, key))
            visit(node[key])

    visit(tree)
    if not places:
        return value
    node, key = random.Random(seed).choice(places)
    if drop:
        del node[key]
    else:
        node[key] = value
    return tree


def saved(thing):
    """The bytes that ``save`` writes."""
    path = temporary("saved.npz")
    thing.save(path)
    with open(path, "rb") as file:
        return file.read()


def loaded(cls, content):
    """The result that ``load`` reads from bytes."""
    return cls.load(write(content, ".npz"))


def wave(count=400, rate=8000, channels=1, format="WAV", subtype=None, seed=0):
    """The bytes of a sound file."""
    import soundfile

    file = io.BytesIO()
    samples = 0.1 * noise(count, channels, seed=seed)
    soundfile.write(file, np.clip(samples, -1, 1), rate, format=format, subtype=subtype)
    return file.getvalue()


def mp3(count=3000, rate=16000, channels=1, header=True, seed=0):
    """The bytes of an MP3 file, with or without the frame that states its length."""
    content = wave(count, rate, channels, "MP3", None, seed)
    if not header:
        for word in (b"Xing", b"Info"):
            content = content.replace(word, b"\0\0\0\0")
    return content
