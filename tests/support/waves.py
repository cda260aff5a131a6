"""WAV files made chunk by chunk, and mutations of them."""

from __future__ import annotations

from struct import pack

import numpy as np

# Tag and bits -> what libsndfile calls it.
KINDS = {
    (1, 8): "PCM_U8",
    (1, 16): "PCM_16",
    (1, 24): "PCM_24",
    (1, 32): "PCM_32",
    (3, 32): "FLOAT",
    (3, 64): "DOUBLE",
}
GUID = bytes.fromhex("000000001000800000aa00389b71")


def chunk(name, content, size=None):
    """A chunk, filled up to an even number of bytes."""
    return name + pack("<I", len(content) if size is None else size) + content + bytes(len(content) % 2)


def format_chunk(tag, bits, n_channels, rate=8000, form="plain"):
    """The chunk of the format, in the forms that there are."""
    width = n_channels * bits // 8
    own = 0xFFFE if form == "extensible" else tag
    content = pack("<HHIIHH", own, n_channels, rate, rate * width, width, bits)
    if form == "extended":
        content += bytes(2)
    if form == "extensible":
        content += pack("<HHIH", 22, bits, (1 << n_channels) - 1 & 0xFFFFFFFF, tag) + GUID
    return chunk(b"fmt ", content)


def bare(rng, tag, bits, n):
    """Bytes of `n` samples; those of floating-point numbers are finite."""
    if tag == 3:
        return rng.uniform(-2, 2, n).astype(f"<f{bits // 8}").tobytes()
    return rng.integers(0, 256, n * bits // 8, np.uint8).tobytes()


def joined(chunks, form=b"RIFF"):
    """A file of chunks."""
    content = b"WAVE" + b"".join(chunks)
    return form + pack("<I", len(content)) + content


def large(chunks, samples, n):
    """A file in the form for more than four gigabytes, RF64; the samples come last."""
    rest = b"".join(chunks) + b"data" + b"\xff" * 4 + samples + bytes(len(samples) % 2)
    sizes = pack("<QQQI", 4 + 36 + len(rest), len(samples), n, 0)
    return b"RF64" + b"\xff" * 4 + b"WAVE" + chunk(b"ds64", sizes) + rest


def remarks(rng, n_channels, n):
    """Chunks that programs write beside the samples, some of them in a form that is not theirs."""
    return [
        chunk(b"fact", pack("<I", n)),
        chunk(b"fact", bytes(rng.integers(0, 9, dtype=int))),
        chunk(b"PEAK", pack("<II", 1, 0) + bytes(8 * n_channels)),
        chunk(b"PEAK", bytes(16)),
        chunk(b"LIST", b"INFO" + chunk(b"ISFT", b"Lavf60.16.100\0") + chunk(b"INAM", b"a")),
        chunk(b"LIST", b"INFO" + chunk(b"ISFT", b"abc", 99)),
        chunk(b"LIST", b"adtl" + chunk(b"labl", pack("<I", 1) + b"here\0")),
        chunk(b"JUNK", bytes(28)),
        chunk(b"PAD ", bytes(5)),
        chunk(b"bext", bytes(602)),
        chunk(b"bext", bytes(20)),
        chunk(b"iXML", b"<a></a>"),
        chunk(b"id3 ", b"ID3\3\0\0\0\0\0\0"),
        chunk(b"cue ", pack("<IIIIIII", 1, 1, 0, 0, 0, 0, 0)),
        chunk(b"smpl", bytes(36)),
        chunk(b"smpl", bytes(60)),
        chunk(b"inst", bytes(7)),
        chunk(b"acid", bytes(24)),
        chunk(b"data", bytes(4)),
        format_chunk(1, 16, n_channels),
        chunk(b"what", rng.integers(0, 256, 9, np.uint8).tobytes()),
        chunk(bytes(rng.integers(0, 256, 4, np.uint8)), bytes(8)),
    ]


def plain(rng):
    """A sound file of this kind, its chunks, and where its samples begin."""
    tag, bits = list(KINDS)[rng.integers(len(KINDS))]
    n_channels, n = int(rng.integers(1, 4)), int(rng.integers(1, 60))
    form = ("plain", "plain", "extended", "extensible")[rng.integers(4)]
    samples = bare(rng, tag, bits, n * n_channels)
    every = remarks(rng, n_channels, n)
    picked = [every[i] for i in rng.choice(len(every), rng.integers(0, 3), replace=False)]
    where = rng.integers(0, 3, len(picked))
    before, between, after = ([c for c, w in zip(picked, where, strict=True) if w == i] for i in range(3))
    start = [*before, format_chunk(tag, bits, n_channels, form=form), *between]
    if rng.random() < 0.2:
        return large(start, samples, n)
    return joined([*start, chunk(b"data", samples), *after])


WORDS = (0, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000)
TAGS = (0, 1, 2, 3, 6, 7, 17, 0xFFFE, 24, 20, 0xFFFF)
NAMES = (b"RIFF", b"RIFX", b"RF64", b"FORM", b"riff", b"BW64")


def mutated(rng, content):
    """The same file with some damage to its header, its chunks or its length."""
    content = bytearray(content)
    head = min(len(content), 140)
    for _ in range(rng.integers(1, 4)):
        place = int(rng.integers(0, max(head - 4, 1)))
        MUTATIONS[rng.integers(len(MUTATIONS))](rng, content, place, place // 2 * 2)
    if rng.random() < 0.4 and len(content) >= 8 and content[:4] == b"RIFF":
        # The size of the whole is right all the same: the rest decides.
        content[4:8] = pack("<I", max(len(content) - 8, 0))
    return bytes(content)


def _other_byte(rng, content, place, even):
    content[place : place + 1] = bytes([rng.integers(256)])


def _flipped_bit(rng, content, place, even):
    content[place : place + 1] = bytes(b ^ 1 << int(rng.integers(8)) for b in content[place : place + 1])


def _nearby_number(rng, content, place, even):
    number = int.from_bytes(content[even : even + 4], "little") + int(
        rng.choice([-8, -4, -2, -1, 1, 2, 4, 8])
    )
    content[even : even + 4] = pack("<I", number % (1 << 32))


def _extreme_number(rng, content, place, even):
    content[even : even + 4] = pack("<I", (*WORDS, len(content))[rng.integers(5)])


def _other_tag(rng, content, place, even):
    content[even : even + 2] = pack("<H", TAGS[rng.integers(len(TAGS))])


def _cut(rng, content, place, even):
    del content[int(rng.integers(0, len(content) + 1)) :]


def _bytes_gone(rng, content, place, even):
    del content[place : place + int(rng.integers(1, 9))]


def _bytes_between(rng, content, place, even):
    content[even:even] = rng.integers(0, 256, rng.integers(1, 9), np.uint8).tobytes()


def _bytes_after(rng, content, place, even):
    content += rng.integers(0, 256, rng.integers(1, 30), np.uint8).tobytes()


def _another_order(rng, content, place, even):
    a, b, c = sorted(int(x) // 2 * 2 for x in rng.integers(12, max(len(content), 13), 3))
    content[a:c] = content[b:c] + content[a:b]


def _another_form(rng, content, place, even):
    content[0:4] = NAMES[rng.integers(len(NAMES))]


MUTATIONS = (
    *(_other_byte, _flipped_bit, _nearby_number, _extreme_number, _other_tag, _cut),
    *(_bytes_gone, _bytes_between, _bytes_after, _another_order, _another_form),
)
