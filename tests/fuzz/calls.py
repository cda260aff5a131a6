"""Writes one call, or several on one object, as the lines of a small program, from a seed and an index."""

import inspect
from enum import Enum
from functools import cache

import arguments
import sounds
import things
import values
from things import make

import spectrograms as sg

# They change the process, on which the results of other calls would then depend, or are slow on purpose.
LEFT_OUT = {"load_wisdom", "save_wisdom", "wisdom_file", "warmup"}
# They need another library, and are tested where it is installed.
_NOT_CALLED = {"plot", "to_torch", "to_jax", "to_xarray", "with_traceback", "add_note"}
_SLOTS = (
    "repr({})",
    "hash({})",
    "{} == copy.deepcopy({})",
    "copy.copy({})",
    "pickle.loads(pickle.dumps({}))",
    "len({})",
    "bool({})",
    "list({})[:3]",
    "str({})[:100]",
    "np.asarray({})",
    "np.asarray({}, 'f4')",
    "memoryview({})",
    "np.from_dlpack({})",
    "{}.__dlpack__(max_version=(1, 0))",
    "{}.__dlpack__(copy=True)",
    "{}.__dlpack_device__()",
    "item({}, 0)",
    "item({}, -1)",
    "item({}, slice(None, None, 2))",
    "item({}, (slice(1, 3), slice(None, None, -1)))",
    "item({}, 10**30)",
    "item({}, None)",
    "item({}, 'a')",
    "item({}, 2**62)",
    "item({}, slice(0, 0))",
    "item({}, np.array([0, 1]))",
    "item({}, ...)",
    "{} + 1",
    "np.sqrt({})",
    "{} < 0",
    "3 in {}",
    "dir({})[:3]",
    "iter({})",
    "reversed({})",
    "{}.__array__(copy=False)",
    "{} == 1",
    "{} != object()",
)


@cache
def public():
    """The public functions and classes, found in the table of the package: two lists of names."""
    named = {name: getattr(sg, name) for name in sg.__all__ if name not in LEFT_OUT}
    classes = [
        n for n, each in named.items() if inspect.isclass(each) and not issubclass(each, BaseException)
    ]
    functions = [n for n, each in named.items() if callable(each) and not inspect.isclass(each)]
    return functions, classes


@cache
def members(name):
    """The public methods and the public properties of a class: two lists of names."""
    cls = getattr(sg, name)
    methods, properties = [], []
    for member in dir(cls):
        if member.startswith("_") or member in _NOT_CALLED:
            continue
        (methods if callable(getattr(cls, member)) else properties).append(member)
    return methods, properties


def _function(draw):
    name = draw.one(public()[0])
    return [f"r = sg.{name}({arguments.call(draw, name, getattr(sg, name), make)})", *_consume("r", name)]


def _consume(name, function):
    # Blocks are read on demand.
    return [f"r = list({name})"] if function == "audio_blocks" else []


def _constructor(draw):
    # An enumeration called with more than a value makes a new one: that is Python's doing.
    name = draw.one([name for name in public()[1] if not issubclass(getattr(sg, name), Enum)])
    return [f"o = sg.{name}({arguments.call(draw, name, getattr(sg, name), make)})", "r = use(o)"]


def _object(draw):
    name = draw.one(public()[1])
    lines = [f"o = {make(draw, name)}"]
    lines += [_step(draw, name, "o") for _ in range(draw.one((1, 1, 2, 3)))]
    return lines


def _step(draw, name, thing):
    methods, properties = members(name)
    if draw.chance(0.2):
        slot = draw.one(_SLOTS)
        return f"r = {slot.replace('{}', thing)}"
    if draw.chance(0.15) and properties:
        return f"r = {thing}.{draw.one(properties)}"
    if not methods:
        return f"r = repr({thing})"
    method = draw.one(methods)
    function = getattr(getattr(sg, name), method)
    bound = inspect.ismethod(function) or isinstance(
        inspect.getattr_static(getattr(sg, name), method), staticmethod
    )
    if method in ("from_dict", "from_json", "from_config", "load"):
        return f"r = use({_from(draw, name, thing, method)})"
    if method == "save":
        return f"r = loaded(sg.{name}, saved({thing}))"
    given = () if bound else ("",)
    text = arguments.call(draw, f"{name}.{method}", function, make, given)
    return f"r = {thing}.{method}({text.removeprefix(', ')})"


def _from(draw, name, thing, method):
    value = draw.one(
        (
            draw.one(values.ANYTHING),
            draw.one(values.HUGE),
            draw.one(values.WRONG_INT),
            draw.one(values.WRONG_FLOAT),
            draw.one(values.WRONG_WORD),
        )
    )
    seed = draw.number(10_000)
    if method == "load":
        return f"loaded(sg.{name}, garbled(saved({thing}), {seed}, {draw.one((1, 1, 3))}))"
    plain = f"{thing}.config" if method == "from_config" else f"{thing}.to_dict()"
    drop = ", drop=True" if draw.chance(0.15) else ""
    if method != "from_json":
        return f"sg.{name}.{method}(changed({plain}, {seed}, {value}{drop}))"
    if draw.chance(0.5):
        return f"sg.{name}.from_json(garbled({thing}.to_json(), {seed}))"
    tree = f"changed(json.loads({thing}.to_json()), {seed}, {value}{drop})"
    return f"sg.{name}.from_json(json.dumps({tree}, default=str))"


def _compute(draw):
    """A plan, feature set or frontend in use, with the arguments that matter most."""
    name = draw.one(
        [name for name in public()[1] if hasattr(getattr(sg, name), "compute_batch")] + ["Frontend"] * 6
    )
    lines = [f"o = {make(draw, name)}"]
    count = draw.one(values.LENGTHS)
    way = draw.one(("out", "out", "batch", "stream", "stream", "agree", "frame", "config"))
    signature = inspect.signature(getattr(sg, name).compute).parameters
    if way == "out" and "out" in signature and name != "FeatureSet":
        lines.append(f"out = np.zeros(o.output_shape({count}), o.dtype)")
        lines.append(
            draw.pick(
                ("out = out",),
                (
                    "out = frozen(out)",
                    "out = steps(out)",
                    "out = out.T.copy().T",
                    "out = misaligned(out)",
                    "out = out.view(Odd)",
                    "out = big_endian(out)",
                    "out = out[:, :-1]",
                ),
            )
        )
        meddling = (
            f"objects(noise({count}), Floats(0.25, Meddler(out)))",
            f"Arrayish(noise({count}), Meddler(out))",
            f"noise({count}).astype('c16')",
            f"objects(noise({count}), Floats(0.25, Meddler(out).boom))",
        )
        samples = draw.one(meddling) if draw.chance(0.3) else values.array((count,))(draw, "out")
        run = draw.one(
            ("o.compute(x, out=out)", "o.compute_into(x, out)", "o.compute_batch(x[None], out=out[None])")
        )
        if "iter(" in samples:
            samples = f"list({samples})"
        lines.append(f"x = {samples}")
        around = draw.one(("r = {}",) * 4 + ("r = toggled(out, lambda: {})", "r = hooked(out, lambda: {})"))
        return [*lines, around.format(run)]
    if way == "agree" and name != "FeatureSet":
        x = f"x = noise({count}, dtype={draw.one(values.DTYPES)!r}, seed={draw.number()})"
        run = draw.one(
            (
                "together(4, lambda: o.compute(x))",
                "agree(o.compute(x), o.compute_batch([x, x[:1], x])[2])",
                "together(3, lambda: o.compute_batch([x] * 5, num_threads=2))",
            )
        )
        return [*lines, x, f"r = {run}"]
    if way == "stream":
        lines.append("s = o.stream()")
        for _ in range(draw.one((1, 2, 4))):
            push = f"r = s.push({values.SIGNAL(draw)})"
            lines.append(
                draw.one((push, push, push, "r = s.flush()", "s.reset()", "r = s.latency, s.samples_seen"))
            )
        return [*lines, "r = s.flush()"]
    if way == "config":
        method = "from_config" if name == "Frontend" else draw.one(("from_dict", "from_json"))
        return [*lines, f"r = use({_from(draw, name, 'o', method)})"]
    if way == "frame" and hasattr(getattr(sg, name), "compute_frame"):
        return [*lines, f"r = o.compute_frame({values.SIGNAL(draw)}, {arguments.POOLS['frame_idx'](draw)})"]
    threads = draw.one(("", "", f", num_threads={arguments.POOLS['num_threads'](draw)}"))
    if "num_threads" not in inspect.signature(getattr(sg, name).compute_batch).parameters:
        threads = ""
    return [*lines, f"r = o.compute_batch({values.SIGNALS(draw)}{threads})", "r = list(r)"]


def _frontend(draw):
    lines = [f"o = {things.frontend(draw)}"]
    return [*lines, _step(draw, "Frontend", "o"), f"r = o.compute({values.SIGNAL(draw)})"]


def _threads(draw):
    """One function from several threads at once, on shared arguments."""
    functions = [n for n in public()[0] if not n.startswith(("audio", "set_", "clear", "forget", "fft_plan"))]
    name = draw.one(functions)
    draw.wild = 0.0
    text = arguments.call(draw, name, getattr(sg, name), make)
    if "iter(" in text:
        return [f"r = sg.{name}({text})"]
    return [f"r = together({draw.one((2, 4, 8))}, lambda: sg.{name}({text}))"]


_MANIFESTS = (
    ("m.csv", "path,id,start,duration\nSOURCES/speaker0/0.wav,a,0.01,0.05\nSOURCES/speaker1/1.wav,b,,\n"),
    ("m.tsv", "path\tid\nSOURCES/speaker0/0.wav\ta\n"),
    (
        "m.jsonl",
        '{"path": "SOURCES/speaker0/0.wav", "id": "a", "start": 0.0}\n'
        '{"audio_filepath": "SOURCES/speaker1/1.wav", '
        '"offset": 0.01, "duration": 0.05}\n',
    ),
    ("l.txt", "SOURCES/speaker0/0.wav\nSOURCES/speaker1/1.wav\n"),
    ("wav.scp", "a SOURCES/speaker0/0.wav\nb SOURCES/speaker1/1.wav\n"),
    ("m.json", '{"audio_filepath": "SOURCES/speaker0/0.wav", "duration": 0.05}\n'),
)


def _corpus(draw):
    """Feature stores and lists on disk, most of them damaged."""
    folder = f"damaged({draw.number(10**6)}, {draw.one(('bytes', 'word', 'word', 'bit', 'cut'))!r})"
    if draw.chance(0.5):
        use = draw.one(
            (
                "pieces({})",
                "pieces({})",
                "corpus.verify({})",
                "corpus.export({}, 'npz', temporary('%d.npz'))",
                "corpus.export({}, 'npy', temporary('%d'))",
                "corpus.finish({})",
                "sg.frontend_from_config({})",
            )
        )
        return [f"r = {use.replace('%d', str(draw.number(10**6))).format(folder)}"]
    name, content = draw.one(_MANIFESTS)
    text = repr(content)
    if draw.chance(0.8):
        text = f"garbled({text}, {draw.number(10**6)}, {draw.one((1, 1, 3))})"
    path = f"listed({text}, {name!r})"
    if draw.chance(0.2):
        path = draw.one(values.ANYTHING)
    if draw.chance(0.2):
        fields = [f"'path': {draw.one((repr('SOURCES'), path))}"]
        fields += [
            f"{key!r}: {draw.one((draw.one(values.WRONG_FLOAT), '0.01'))}"
            for key in ("start", "duration", "id", "bytes")
            if draw.chance(0.5)
        ]
        path = f"[{{{', '.join(fields)}}}]"
    if draw.chance(0.6):
        return [f"r = corpus.find_inputs({path})"]
    options = draw.one(
        (
            "",
            "",
            ", channels='split'",
            ", segment=0.05",
            f", segment={draw.one(values.WRONG_FLOAT)}",
            ", strict=True",
            f", shard_files={draw.one(values.WRONG_INT)}",
            f", channels={draw.one(values.WRONG_WORD)}",
        )
    )
    return [f"r = extracted({path}{options})"]


def _sound(draw):
    """A plain WAV file, mostly damaged, in one of the forms that a sound may have, whole or in part."""
    content = f"plain_wave({draw.number(10**9)}, {draw.one((0, 1, 1, 1, 2))})"
    form, way = (
        draw.one(list(sounds.FORMS)),
        draw.one(("read_audio", "read_audio", "audio_blocks", "audio_info")),
    )
    options = ""
    if way != "audio_info":
        # The files have up to 60 samples at 8 kHz.
        for name, pool in _PART.items():
            if draw.chance(0.3):
                options += f", {name}={pool(draw)}"
    return [f"r = heard({content}, {form!r}, {way!r}{options})"]


_PART = {
    "start": values.real(0.0, 0.001, 0.002, 1 / 8000, 0.005, edge=(0, 0.0075, -1.0, 1e300)),
    "duration": values.real("None", 0.001, 0.003, 1e-9, edge=(0, 1 / 8000, 1e300)),
    "mono": values.flag,
    "sample_rate": values.real("None", "None", 8000, 16000, edge=(0, 1, 1 << 30)),
}
KINDS = (
    (_function,) * 6
    + (_object,) * 4
    + (_compute,) * 6
    + (_constructor, _constructor, _frontend, _frontend, _threads, _corpus, _sound)
)


def program(seed, index, only=None):
    """The lines of one call, or of one of a certain kind."""
    draw = values.Draw(f"{seed}:{index}")
    kind = draw.one(KINDS if only is None else [each for each in KINDS if each.__name__ == f"_{only}"])
    return kind(draw)
