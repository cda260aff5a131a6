"""Pools of arguments, each written as an expression: sane ones, edge cases, and hostile ones."""

import random

HUGE = ("2**31", "2**40", "2**63 - 1", "2**63", "-2**63 - 1", "10**30")
WRONG_INT = (
    "None",
    "True",
    "'5'",
    "5.0",
    "2.5",
    "nan",
    "1j",
    "b'5'",
    "[4]",
    "np.int8(7)",
    "np.float32(8)",
    "Index(4, 2**40)",
    "Index(None)",
    "np.array(4)",
    "np.array([4])",
    "object()",
)
WRONG_FLOAT = (
    "None",
    "True",
    "'5'",
    "nan",
    "inf",
    "-inf",
    "1j",
    "b'5'",
    "[4.0]",
    "10**400",
    "-0.0",
    "5e-324",
    "1e308",
    "-1e308",
    "np.float16(2)",
    "np.longdouble(2)",
    "Floats()",
    "Floats(1.0, Meddler(None).boom)",
    "np.array(4.0)",
    "np.array([4.0])",
    "object()",
)
WRONG_WORD = (
    "None",
    "''",
    "'\\0'",
    "'hann\\udc80'",
    "3",
    "b'hann'",
    "['hann']",
    "'x' * 10**6",
    "object()",
    "True",
    "np.str_('power')",
    "nan",
    "{}",
)
ANYTHING = (
    "None",
    "True",
    "0",
    "-1",
    "3",
    "2**63",
    "0.5",
    "nan",
    "'text'",
    "b'bytes'",
    "[]",
    "()",
    "{}",
    "[1, 2]",
    "np.zeros(3)",
    "np.zeros((2, 3))",
    "np.zeros((0, 3))",
    "object()",
    "int",
    "sg",
    "lambda *a: a",
    "deep(200)",
    "{'a': 1}",
    "iter([1, 2])",
    "sg.StftParams(64, 16, 'hann')",
)
DTYPES = ("f8", "f8", "f4", "f4", "f2", "i2", "i4", "u1", "i8", "u8", "?", "g")
LENGTHS = (1, 2, 3, 15, 31, 32, 33, 63, 64, 65, 100, 127, 255, 500, 1000, 1000, 3001)


class Draw:
    """The choices of one seed. `wild` is the share of arguments that are not sane."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.wild = self.random.choice((0.0, 0.0, 0.05, 0.15, 0.5))

    def one(self, choices):
        """One of several."""
        return self.random.choice(choices)

    def chance(self, likelihood):
        """True with this probability."""
        return self.random.random() < likelihood

    def number(self, below=1000):
        """An integer, for the seed of an array."""
        return self.random.randrange(below)

    def pick(self, sane, odd):
        """A sane text or, now and then, an odd one."""
        return str(self.one(odd if self.chance(self.wild) else sane))


def whole(*sane, edge=(0, 1, 2, 3, -1)):
    """A pool of integers."""
    return lambda draw: draw.pick(sane, edge if draw.chance(0.5) else draw.one((HUGE, WRONG_INT)))


def real(*sane, edge=(0, 0.0, -1.0, 1)):
    """A pool of numbers."""
    return lambda draw: draw.pick(sane, edge if draw.chance(0.4) else draw.one((HUGE, WRONG_FLOAT)))


def word(*sane, edge=()):
    """A pool of words."""
    return lambda draw: draw.pick(sane, (*edge, *WRONG_WORD))


def flag(draw):
    """True or False."""
    return draw.pick(
        ("True", "False"), ("None", "1", "'yes'", "np.True_", "np.array([1, 2])", "nan", "object()")
    )


def anything(draw):
    """A pool for arguments about which nothing is known."""
    return draw.one(ANYTHING)


# --- arrays ------------------------------------------------------------------------------------------


def _plain(draw, shape, dtype):
    text = ", ".join(map(str, shape))
    return f"noise({text}, dtype={dtype!r}, seed={draw.number()})"


def _spoilt(draw, text, out):
    """The text of an array, made odd in one way."""
    meddle = f", Meddler({out})" if out else ", Meddler(np.zeros((3, 4))).boom"
    ways = (
        "steps({})",
        "steps({}, -1)",
        "steps({}, 3)",
        "misaligned({})",
        "big_endian({})",
        "frozen({})",
        "np.asfortranarray({})",
        "{}.tolist()",
        "tuple({}.tolist())",
        "memoryview(np.ascontiguousarray({}))",
        "{}.view(Odd)",
        "Arrayish({})",
        "Dlpack({})",
        "Dlpack({}, (2, 0))",
        "filled({}, nan, 5)",
        "filled({}, inf, 0, 7)",
        "filled({}, -inf, -1)",
        "scaled({}, 5e-324)",
        "scaled({}, 1e308)",
        "{}[..., :0]",
        "{}[None]",
        "{}[..., None]",
        "{}.astype('c16')",
        "{}.astype('S8')",
        "{}.astype('M8[s]')",
        "{}.tobytes()",
        "bytearray({}.tobytes())",
        "memoryview({}.tobytes())",
        "Buffer({}.tobytes())",
        "np.ma.masked_array({}, mask=True)",
        "objects({})",
        "objects({}, None)",
        "objects({}, 'x')",
        "objects({}, 10**400)",
        "objects({}, Floats(0.25" + meddle + "))",
        "Arrayish({}" + meddle + ")",
        "objects({}, 1j)",
        "objects({}, [1, 2])",
        "iter({})",
        "np.float64(0.5)",
        "'samples'",
        "None",
        "object()",
        "set()",
        "{{}}",
        "[]",
        "np.zeros(0)",
        "np.zeros(0, 'f4')",
        "np.array(1.0)",
        "broadcast(3000)",
        "broadcast(2, 300)",
        "{}.astype([('a', 'f8')])",
        "np.recarray((3,), dtype=[('a', 'f8')])",
    )
    return draw.one(ways).format(text)


def array(*shapes, dtypes=DTYPES):
    """A pool of arrays of one of several shapes; a length of None is drawn."""

    def pool(draw, out=None):
        shape = draw.one(shapes)
        shape = [draw.one(LENGTHS) if n is None else n for n in shape]
        text = _plain(draw, shape, draw.one(dtypes) if draw.chance(0.6) else dtypes[0])
        return _spoilt(draw, text, out) if draw.chance(draw.wild + 0.1) else text

    return pool


def several(pool, counts=(1, 2, 3, 5)):
    """A pool of lists of values from another pool."""

    def lists(draw):
        count = int(draw.pick(counts, (0, 1, 40)))
        return f"[{', '.join(pool(draw) for _ in range(count))}]"

    return lists


def either(*pools):
    """A value from one of several pools."""
    return lambda draw: draw.one(pools)(draw)


SIGNAL = array((None,))
SIGNALS = either(several(SIGNAL), array((3, 500), (2, 64), (2, 2, 300), (1, 1000), (5, 3)))
PAIR = either(
    lambda draw: "noise(2, 1500, seed=3)",
    lambda draw: "[noise(1500, seed=4), noise(1500, dtype='f4', seed=5)]",
    several(SIGNAL, (2, 2, 2, 1, 3)),
)
COMPLEX = ("c16", "c16", "c8", "f8")
SPECTRA = array((33, 7), (33, 1), (33, 20), (33, 3), (129, 5), (1, 4), (3, 33), dtypes=COMPLEX)
MAGNITUDES = array((33, 7), (33, 20), (33, 1), (10, 7), (10, 30), (1, 4), (2, 10, 15), (3, 33), dtypes=DTYPES)
IMAGE = array((8, 8), (16, 9), (7, 5), (1, 1), (1, 12), (33, 20), (64, 64), (5, 100))
IMAGE_SPECTRUM = array((8, 5), (16, 5), (7, 3), (1, 1), (9, 9), dtypes=COMPLEX)


def out(draw):
    """A pool of arrays to write to, most of which do not fit."""
    return draw.pick(
        ("None",),
        (
            "np.zeros((33, 32))",
            "np.zeros((33, 32), 'f4')",
            "np.zeros(33)",
            "np.zeros((0, 0))",
            "[]",
            "{}",
            "3",
            "frozen(np.zeros((33, 32)))",
            "np.zeros((33, 32)).view(Odd)",
            "np.zeros((33, 32), object)",
            "bytearray(1000)",
            "broadcast(33, 32)",
            "misaligned(np.zeros((33, 32)))",
        ),
    )
