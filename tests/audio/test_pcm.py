"""Raw PCM: the numbers of libsndfile, from whatever holds them; halves and contradictions are refused."""

import array
import ctypes
import mmap
import tracemalloc

import numpy as np
import pytest

import spectrograms as sg

from ..support.together import together

# dtype -> subtype of a WAV file, bytes of a sample.
WIDTHS = {"uint8": ("PCM_U8", 1), "int16": ("PCM_16", 2), "int24": ("PCM_24", 3), "int32": ("PCM_32", 4)}
rng = np.random.default_rng(0)


def raw(dtype, n=1000):
    """Bytes of samples over the whole range, the ends and zero among them."""
    width = WIDTHS[dtype][1]
    if dtype == "uint8":
        values = np.concatenate([np.arange(256, dtype=np.uint8), rng.integers(0, 256, n - 256, np.uint8)])
        return values.tobytes()
    top = 2 ** (8 * width - 1)
    values = np.concatenate([[-top, top - 1, 0, 1, -1, top - 64, top - 65], rng.integers(-top, top, n - 7)])
    return b"".join(int(value).to_bytes(width, "little", signed=True) for value in values)


def exact(data, dtype):
    """The samples as Python's integers make them."""
    width = WIDTHS[dtype][1]
    parts = [data[i : i + width] for i in range(0, len(data), width)]
    if dtype == "uint8":
        return np.float32([(part[0] - 128) / 128 for part in parts])
    half = 2 ** (8 * width - 1)
    return np.float32([int.from_bytes(part, "little", signed=True) / half for part in parts])


def wav(path, data, dtype, channels, rate=16000):
    width = WIDTHS[dtype][1]
    form = b"".join(
        (
            (1).to_bytes(2, "little"),
            channels.to_bytes(2, "little"),
            rate.to_bytes(4, "little"),
            (rate * channels * width).to_bytes(4, "little"),
            (channels * width).to_bytes(2, "little"),
            (8 * width).to_bytes(2, "little"),
        )
    )
    size = len(data).to_bytes(4, "little")
    body = b"WAVEfmt " + len(form).to_bytes(4, "little") + form + b"data" + size + data
    path.write_bytes(b"RIFF" + len(body).to_bytes(4, "little") + body)
    return path


@pytest.mark.parametrize("dtype", WIDTHS)
@pytest.mark.parametrize("channels", [None, 1, 2, 4])
def test_pcm_is_what_a_file_of_it_gives(tmp_path, dtype, channels):
    data = raw(dtype)
    found = sg.from_pcm(data, dtype, channels)
    expected, _ = sg.read_audio(wav(tmp_path / "x.wav", data, dtype, channels or 1), mono=channels is None)
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    assert found.shape == (expected.shape if channels != 1 else (1, 1000))
    assert found.tobytes() == expected.tobytes()
    assert found.T.reshape(-1).tobytes() == exact(data, dtype).tobytes()


@pytest.mark.parametrize("dtype", WIDTHS)
def test_whatever_holds_the_bytes(tmp_path, dtype):
    data = raw(dtype)
    expected = sg.from_pcm(data, dtype)
    (tmp_path / "x").write_bytes(data)
    with open(tmp_path / "x", "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert np.array_equal(sg.from_pcm(mapped, dtype), expected)
    spread = bytearray(2 * len(data))
    spread[::2] = data
    buffers = [
        bytearray(data),
        memoryview(data),
        memoryview(spread)[::2],
        memoryview(data).cast("b"),
        memoryview(data).cast("c"),
        memoryview(data).cast("B", (10, len(data) // 10)),
        (ctypes.c_char * len(data)).from_buffer_copy(data),
        (ctypes.c_ubyte * len(data)).from_buffer_copy(data),
        array.array("B", data),
    ]
    for buffer in buffers:
        assert np.array_equal(sg.from_pcm(buffer, dtype), expected)
    memory = np.zeros(len(data) + 1, np.uint8)
    memory[1:] = np.frombuffer(data, np.uint8)
    assert np.array_equal(sg.from_pcm(memoryview(memory)[1:], dtype), expected)  # at an odd address


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32"])
def test_arrays_of_integers(dtype):
    data = raw(dtype)
    expected = sg.from_pcm(data, dtype)
    x = np.frombuffer(data, dtype)
    assert not x.flags.writeable
    for form in (
        x,
        x.astype(x.dtype.newbyteorder(">")),
        np.repeat(x, 3)[::3],
        x[::-1].copy()[::-1],
        np.frombuffer(b"\0" + data, np.uint8)[1:].view(dtype),
    ):
        assert np.array_equal(sg.from_pcm(form, dtype), expected)
    if dtype != "uint8":
        assert np.array_equal(sg.from_pcm(memoryview(x), dtype), expected)
        assert np.array_equal(
            sg.from_pcm(array.array({"int16": "h", "int32": "i"}[dtype], data), dtype), expected
        )
    assert np.array_equal(sg.from_pcm(x, dtype, 4), expected.reshape(-1, 4).T)
    assert np.array_equal(sg.from_pcm(x.reshape(-1, 4), dtype, 4), expected.reshape(-1, 4).T)
    assert np.array_equal(
        sg.from_pcm(np.asfortranarray(x.reshape(-1, 4)), dtype, 4), expected.reshape(-1, 4).T
    )


def test_packed_samples_in_an_array_of_bytes():
    data = raw("int24")
    expected = sg.from_pcm(data, "int24", 2)
    assert np.array_equal(sg.from_pcm(np.frombuffer(data, np.uint8), "int24", 2), expected)
    assert np.array_equal(sg.from_pcm(np.repeat(np.frombuffer(data, np.uint8), 2)[::2], "int24", 2), expected)


@pytest.mark.parametrize("dtype", WIDTHS)
def test_nothing_is_nothing(dtype):
    assert sg.from_pcm(b"", dtype).shape == (0,)
    assert sg.from_pcm(bytearray(), dtype, 3).shape == (3, 0)


@together(
    ("data", "dtype", "channels", "error", "message"),
    [
        (bytes(3), "int16", None, sg.InvalidInputError, "2 bytes .int16., got 3 bytes: 1 left over"),
        (bytes(4), "int24", None, sg.InvalidInputError, "whole samples of 3 bytes"),
        (bytes(6), "int32", None, sg.InvalidInputError, "whole samples of 4 bytes"),
        (np.zeros(4, "u1"), "int24", None, sg.InvalidInputError, "whole samples of 3 bytes"),
        (bytes(6), "int16", 2, sg.InvalidInputError, "whole frames of 2 channels, got 3 samples: 1 are left"),
        (np.zeros(5, "i2"), "int16", 3, sg.InvalidInputError, "whole frames of 3 channels, got 5"),
        (bytes(9), "int24", 2, sg.InvalidInputError, "whole frames of 2 channels, got 3"),
        (np.zeros(4, "i4"), "int16", None, TypeError, "array of int16, got int32"),
        (np.zeros(4, "u2"), "int16", None, TypeError, "array of int16, got uint16"),
        (np.zeros(4, "i1"), "uint8", None, TypeError, "array of uint8, got int8"),
        (np.zeros(4, "u1"), "int16", None, TypeError, "array of int16, got uint8"),
        (np.zeros(4, "i4"), "int24", None, TypeError, r"array of uint8 \(packed int24\), got int32"),
        (np.zeros(4, "f4"), "int16", None, TypeError, "array of int16, got float32"),
        (np.zeros(4, bool), "uint8", None, TypeError, "array of uint8, got bool"),
        (np.zeros(4, object), "int16", None, TypeError, "array of int16, got object"),
        (array.array("i", [1, 2]), "int16", None, TypeError, "array of int16, got int32"),
        (memoryview(array.array("f", [1, 2])), "int32", None, TypeError, "array of int32, got float32"),
        (np.zeros((4, 2), "i2"), "int16", None, TypeError, r"data must be 1-D, or \(n, channels\)"),
        (np.zeros((2, 4), "i2"), "int16", 2, sg.InvalidInputError, r"shape \(n, channels=2\), got \(2, 4\)"),
        (np.zeros((4, 2, 1), "i2"), "int16", 2, TypeError, r"got shape \(4, 2, 1\)"),
        (np.int16(3), "int16", None, TypeError, r"got shape \(\)"),
        ([1, 2], "int16", None, TypeError, "got list"),
        ("ab", "int16", None, TypeError, "got str"),
        (None, "int16", None, TypeError, "None"),
        (3.5, "int16", None, TypeError, "got float64"),
        (bytes(4), "int8", None, sg.InvalidInputError, "dtype must be one of 'uint8', 'int16', "),
        (bytes(4), np.int16, None, TypeError, "dtype"),
        (bytes(4), "int16", 0, sg.InvalidInputError, "channels must be >= 1"),
        (bytes(4), "int16", -1, OverflowError, "channels must be >= 0"),
        (bytes(4), "int16", 1.0, TypeError, "channels must be an integer"),
    ],
)  # fmt: skip
def test_what_is_no_pcm(data, dtype, channels, error, message):
    with pytest.raises(error, match=message) as caught:
        sg.from_pcm(data, dtype, channels)
    assert len(str(caught.value)) < 160


def test_memory_beside_the_result_does_not_grow():
    for dtype, (_, width) in WIDTHS.items():
        data = bytes(3_000_000 * width)
        tracemalloc.start()
        try:
            sg.from_pcm(data, dtype, 2)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 12_000_000 + 1_500_000


def test_a_stream_of_packets():
    plan = sg.MfccPlan(sg.StftParams(512, 160, "hann"), 16000, 40, sg.MfccParams(13))
    data = raw("int16", 4000)
    stream = plan.stream()
    parts = [stream.push(sg.from_pcm(data[i : i + 640])) for i in range(0, len(data), 640)]
    whole = plan.compute(sg.from_pcm(data)).data
    assert np.array_equal(np.concatenate([*parts, stream.flush()], axis=1), whole)
