"""Files, texts and pickles: those of earlier versions come back, and damaged or hostile ones are refused.

`tests/data/saved` was written by version 3.0.0.dev0, whose files name modules: see its README.
"""

import base64
import errno
import io
import json
import os
import pickle
import random
import struct
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

import spectrograms as sg

from ..support import every_result
from ..support.together import together

SAVED = Path(__file__).parents[1] / "data" / "saved"
TEXTS = json.loads((SAVED / "texts.json").read_text())
RESULTS = [path.stem for path in sorted(SAVED.glob("*.npz"))]
PICKLES = json.loads((SAVED / "pickles.json").read_text())
# Of one result, small and with an array beside its data.
FILE = (SAVED / "ItdSpectrogram.npz").read_bytes()


def class_of(name):
    return sg.StmtfResult if name == "StmtfResult" else getattr(sg, name)


def load(content, cls=sg.ItdSpectrogram):
    return cls.load(io.BytesIO(content))


# --- what earlier versions wrote ----------------------------------------------------------------------


@pytest.mark.parametrize("name", RESULTS)
def test_files_of_earlier_versions_load(name):
    result = class_of(name).load(SAVED / f"{name}.npz")
    twin = class_of(name).from_json(json.dumps(TEXTS[name]))
    pickled = pickle.loads(base64.b64decode(PICKLES[name]))
    assert type(result) is type(twin) is type(pickled) is class_of(name)
    assert result._info == twin._info == pickled._info
    with np.load(SAVED / f"{name}.npz") as content:
        for found in (result, twin, pickled):
            assert found.data.tobytes() == content["data"].tobytes()
            assert found.data.dtype == content["data"].dtype
            for axis, values in found._axes().items():
                assert values.tobytes() == content[axis].tobytes()


@pytest.mark.parametrize("name", [name for name in TEXTS if name not in RESULTS])
def test_plans_and_parameters_of_earlier_versions_come_back(name):
    made = class_of(name).from_json(json.dumps(TEXTS[name]))
    assert made == pickle.loads(base64.b64decode(PICKLES[name]))
    assert json.loads(made.to_json()) == TEXTS[name]


@pytest.mark.parametrize("name", ["FftPlanner", "Fft2dPlanner", "Batch"])
def test_pickles_of_earlier_versions_come_back(name):
    made = pickle.loads(base64.b64decode(PICKLES[name]))
    assert type(made) is class_of(name)
    if name == "Batch":
        plan = pickle.loads(base64.b64decode(PICKLES["SpectrogramPlan"]))
        assert [result.shape for result in made] == [plan.output_shape(60), plan.output_shape(30)]


@pytest.mark.parametrize("name", every_result.NAMES)
def test_case_6_files_name_kinds_and_no_modules(name):
    file = io.BytesIO()
    every_result.result(name).save(file)
    file.seek(0)
    with np.load(file) as content:
        labels = json.loads(content["metadata"].item())
    assert "module" not in labels["info"]
    assert "spectrograms." not in json.dumps(labels)
    assert labels["info"]["type"].isidentifier()


def test_case_6_nothing_is_imported_that_a_file_names(tmp_path, monkeypatch):
    (tmp_path / "named_by_a_file.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    content = json.loads(json.dumps(TEXTS["ItdSpectrogram"]))
    for module in ("named_by_a_file", "spectrograms.torch", "os", None, 3):
        content["info"]["module"] = module
        assert sg.ItdSpectrogram.from_json(json.dumps(content)).n_bins == len(
            TEXTS["ItdSpectrogram"]["frequencies"]["values"]
        )
    content["info"] |= {"type": "named_by_a_file", "module": "named_by_a_file"}
    with pytest.raises(sg.InvalidInputError, match="type of the info must be one of"):
        sg.ItdSpectrogram.from_json(json.dumps(content))
    assert "named_by_a_file" not in sys.modules


# --- damaged and hostile files ------------------------------------------------------------------------


def archive(change=None, **entries):
    """The bytes of the file with other entries: bytes by name, None to leave one out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(FILE)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = entries.pop(name.removesuffix(".npy"), old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in entries.items():
            new.writestr(f"{name}.npy", content)
    return change(out.getvalue()) if change else out.getvalue()


def npy(array, **options):
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asarray(array), **options)
    return out.getvalue()


def labels(**changes):
    content = {key: TEXTS["ItdSpectrogram"][key] for key in ("type", "version", "dtype", "info")}
    return npy(json.dumps(content | changes))


def header(text):
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode("latin1")


def encrypted(content):
    """Set the bit of encryption in every header of the archive."""
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for place in range(len(content)):
            if content.startswith(mark, place):
                content = content[: place + at] + b"\x01" + content[place + at + 1 :]
    return content


GOOD = sg.ItdSpectrogram.load(SAVED / "ItdSpectrogram.npz")
DATA = GOOD.data
HUGE = "{'descr': '<f8', 'fortran_order': False, 'shape': (%s,), }"
HOSTILE = {
    "no data": archive(data=None),
    "no metadata": archive(metadata=None),
    "fewer rows": archive(data=npy(DATA[:-1])),
    "more axes": archive(data=npy(DATA[None])),
    "no axes": archive(data=npy(np.float64(3.0))),
    "another precision": archive(data=npy(DATA.astype("f4"))),
    "complex": archive(data=npy(DATA + 0j)),
    "integers": archive(data=npy(DATA.astype("i8"))),
    "text": archive(data=npy(DATA.astype(str))),
    "objects": archive(data=npy(DATA.astype(object), allow_pickle=True)),
    "a record": archive(data=npy(np.zeros(DATA.shape, "f8,f8"))),
    "half precision": archive(data=npy(DATA.astype("f2"))),
    "energy of another shape": archive(energy=npy(DATA[:, :1])),
    "energy of objects": archive(energy=npy(DATA.astype(object), allow_pickle=True)),
    "8 TB": archive(data=header(HUGE % 2**40) + b"0" * 64),
    "beyond every pointer": archive(data=header(HUGE % 2**70)),
    "a negative shape": archive(data=header(HUGE % -1)),
    "a shape of text": archive(data=header(HUGE % "'a'")),
    "an empty header": archive(data=header("")),
    "a header that is nested": archive(data=header("(" * 3000)),
    "a header without end": archive(data=b"\x93NUMPY\x01\x00\xff\xff{"),
    "a later version": archive(data=b"\x93NUMPY\x09\x00\x00\x00"),
    "more bytes than stated": archive(data=npy(DATA) + b"more"),
    "fewer bytes than stated": archive(data=npy(DATA)[:-1]),
    "a pickle for metadata": archive(metadata=npy(np.array({"a": 1}, object), allow_pickle=True)),
    "metadata of two texts": archive(metadata=npy(np.array(["{}", "{}"]))),
    "metadata that is no text": archive(metadata=npy(np.zeros(()))),
    "metadata that is no JSON": archive(metadata=npy("{")),
    "metadata that is a list": archive(metadata=npy("[]")),
    "metadata that is deep": archive(metadata=npy("[" * 100_000)),
    "metadata with a key twice": archive(metadata=npy('{"type": 1, "type": 2}')),
    "metadata beyond Unicode": archive(metadata=npy("ab").replace(b"b\0\0\0", b"\xff\xff\xff\xff")),
    "metadata of another kind": archive(metadata=labels(type="Mfcc")),
    "a version that is True": archive(metadata=labels(version=True)),
    "version 0": archive(metadata=labels(version=0)),
    "version 2": archive(metadata=labels(version=2)),
    "another dtype": archive(metadata=labels(dtype="f4")),
    "no info": archive(metadata=labels(info=None)),
    "an info of another kind": archive(metadata=labels(info=TEXTS["Mfcc"]["info"])),
    "encryption": archive(change=encrypted),
    "no end": FILE[:-30],
    "nothing": b"",
    "an archive of nothing": b"PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_case_6_what_is_wrong_with_a_file_is_one_error_that_names_it(content, tmp_path):
    path = tmp_path / "tampered.npz"
    path.write_bytes(content)
    with pytest.raises(
        sg.InvalidInputError, match=r"tampered\.npz must be an \.npz file written by save"
    ) as caught:
        sg.ItdSpectrogram.load(path)
    assert len(str(caught.value)) < 600


def test_case_6_load_looks_at_shapes():
    result = sg.compute_stft(np.zeros(2000), sg.SpectrogramParams.speech_default(16000.0))
    file = io.BytesIO()
    result.save(file)
    file.seek(0)
    with np.load(file) as content:
        arrays = dict(content)
    out = io.BytesIO()
    np.savez(out, **(arrays | {"data": np.zeros((3, 4), complex)}))
    out.seek(0)
    with pytest.raises(sg.InvalidInputError, match="expected 257, got 3"):
        sg.StftResult.load(out)


def test_compressed_files_load_and_bombs_do_not():
    with np.load(io.BytesIO(FILE)) as content:
        arrays = dict(content)
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    assert load(out.getvalue()).data.tobytes() == DATA.tobytes()
    # An entry that states more than deflate can make of its bytes.
    bomb = bytearray(out.getvalue())
    for place in range(len(bomb)):
        if bomb.startswith(b"PK\x01\x02", place):
            bomb[place + 24 : place + 28] = struct.pack("<I", 2**31)
    with pytest.raises(sg.InvalidInputError, match="is too short for its"):
        load(bytes(bomb))


def test_big_endian_and_fortran_order_load():
    assert load(archive(data=npy(DATA.astype(">f8")))).data.tobytes() == DATA.tobytes()
    assert load(archive(data=npy(np.asfortranarray(DATA)))).data.tobytes() == DATA.tobytes()


def test_metadata_has_a_limit(monkeypatch):
    from spectrograms._engine.results.npz import _LONGEST_TEXT

    text = npy("x" * 100).replace(b"<U100'", b"<U%d'" % (_LONGEST_TEXT + 1))
    with pytest.raises(sg.InvalidInputError, match="of another size than it says"):
        load(archive(metadata=text))


def test_case_6_damaged_files_are_refused_or_right():
    """Four hundred files with a few bytes, or a run of them, changed; the arrays have checksums."""
    rng = random.Random(20261130)
    right = 0
    for _ in range(400):
        content = bytearray(FILE)
        kind = rng.randrange(4)
        if kind == 0:
            for _ in range(rng.randint(1, 8)):
                content[rng.randrange(len(content))] = rng.randrange(256)
        elif kind == 1:
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        elif kind == 2:
            del content[rng.randrange(len(content)) :]
        else:
            at = rng.randrange(len(content))
            content[at:at] = rng.randbytes(rng.randint(1, 40))
        with suppress(sg.InvalidInputError):
            result = load(bytes(content))
            right += 1
            assert result.data.tobytes() == DATA.tobytes()
            assert result._info == GOOD._info
    assert 0 < right < 300


def test_errors_of_reading_pass(tmp_path):
    with pytest.raises(FileNotFoundError):
        sg.Spectrogram.load(tmp_path / "none.npz")
    with pytest.raises(IsADirectoryError):
        sg.Spectrogram.load(tmp_path)


# --- texts --------------------------------------------------------------------------------------------

NO_JSON = {
    "nothing": "",
    "no end": "{",
    "deep": "[" * 100_000 + "]" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "no object": "[]",
    "a text": '"text"',
    "null": "null",
    "NaN": '{"a": NaN}',
    "Infinity": '{"a": -Infinity}',
    "a key twice": '{"type": "a", "type": "b"}',
    "a number of 5000 digits": '{"a": ' + "9" * 5000 + "}",
    "bytes of UTF-16": '{"a": 1}'.encode("utf-16")[:-1],
    "bytes that are no text": b"\xff\xfe\xfd",
    "half a pair": '{"type": "\\ud800"}',
}
READERS = {
    name: class_of(name).from_json
    for name in (*RESULTS, "MelParams", "StftPlan", "IstftPlan", "FeatureSet", "Frontend")
} | {"compare": lambda text: sg.compare("{" + text[1:] if isinstance(text, str) else "{", "kaldi_fbank")}


@together("text", NO_JSON.values(), ids=NO_JSON)
@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_case_6_texts_that_are_no_json_are_one_error(read, text):
    with pytest.raises(sg.InvalidInputError) as caught:
        read(text)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    "text", [None, 3, ["{}"], object(), np.ones(2)], ids=lambda value: type(value).__name__
)
def test_what_is_no_text_is_a_type_error(text):
    for name, read in READERS.items():
        if name != "compare":
            with pytest.raises(TypeError, match="must be a JSON text"):
                read(text)


def test_numbers_that_json_has_not_are_refused_when_written():
    from spectrograms._common.plain import parse

    with pytest.raises(sg.InvalidInputError, match="JSON has no infinite numbers"):
        sg.ChromaParams(f_max=np.inf).to_json()
    assert parse("text", b'{"a": 1}') == {"a": 1}


# --- pickles of batches -------------------------------------------------------------------------------


def batch_arguments():
    params = every_result.PARAMS
    batch = sg.StftPlan(params).compute_batch([np.zeros(500), np.ones(900)])
    rebuild, arguments = batch.__reduce__()
    return rebuild, list(arguments)


@together(
    ("place", "value"),
    [
        (0, np.zeros(8, np.uint8)), (0, "text"), (0, np.zeros((2, 8))),
        (1, np.array([0, 2**62])), (1, np.array([-64, 0])), (1, np.array([0])), (1, np.array([0, 1])),
        (1, np.array([0.0, 64.0])), (1, None), (2, np.array([2**40, 1])), (2, np.array([-1, 3])),
        (2, np.array([[1, 2]])), (3, "O"), (3, "V8"), (3, "i4"), (3, "no"), (4, 2**62), (4, -1), (4, 0),
        (4, 2.5), (5, {}), (5, None), (5, {"result": sg.StftResult, "info": None, "time_major": False}),
        (5, {"result": dict, "info": None, "time_major": False}),
    ],
    ids=str,
)  # fmt: skip
def test_case_1_4_pickles_of_batches_are_checked(place, value):
    rebuild, arguments = batch_arguments()
    arguments[place] = value
    with pytest.raises((sg.InvalidInputError, sg.DimensionMismatchError, TypeError)):
        rebuild(*arguments)


def test_pickles_of_batches_come_back():
    batch = sg.StftPlan(every_result.PARAMS).compute_batch([np.zeros(500), np.ones(900)])
    for protocol in (2, 5):
        twin = pickle.loads(pickle.dumps(batch, protocol))
        assert [a.data.tobytes() for a in twin] == [a.data.tobytes() for a in batch]
    empty = pickle.loads(pickle.dumps(sg.StftPlan(every_result.PARAMS).compute_batch([])))
    assert len(empty) == 0


# --- where files come from and go to ------------------------------------------------------------------


class Pipe(io.RawIOBase):
    """A file that cannot be sought."""

    def __init__(self, content):
        self._content = io.BytesIO(content)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._content.readinto(buffer)


def test_files_load_through_pipes_and_from_paths_of_bytes(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(FILE)
    for file in (Pipe(FILE), io.BufferedReader(Pipe(FILE)), os.fsencode(path), str(path), io.BytesIO(FILE)):
        assert sg.ItdSpectrogram.load(file).data.tobytes() == DATA.tobytes()


@pytest.mark.parametrize(
    "file", ["a\0b", FILE, "\ud800.npz", io.StringIO("PK")], ids=["nul", "bytes", "half", "text"]
)
def test_case_6_what_no_file_can_be_called_is_refused(file):
    with pytest.raises(sg.InvalidInputError, match=r"file must be a path|open as text") as caught:
        sg.ItdSpectrogram.load(file)
    assert len(str(caught.value)) < 400
    if isinstance(file, str):
        with pytest.raises(sg.InvalidInputError, match="file must be a path"):
            GOOD.save(file)


@pytest.mark.parametrize("file", [None, 3, object()], ids=lambda value: type(value).__name__)
def test_what_is_no_file_is_a_type_error(file):
    for call in (sg.ItdSpectrogram.load, GOOD.save):
        with pytest.raises(TypeError, match="file must be a path or a binary file"):
            call(file)


def test_case_6_an_array_that_is_there_twice_is_refused():
    out = io.BytesIO(FILE)
    with zipfile.ZipFile(out, "a") as file, pytest.warns(UserWarning, match="Duplicate name"):
        file.writestr("data.npy", npy(DATA + 1))
    with pytest.raises(sg.InvalidInputError, match="has an array twice"):
        load(out.getvalue())


def test_files_are_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    GOOD.save(os.fsencode(path))
    before = path.read_bytes()

    def fails(file, **arrays):
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device", file.name)

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", fails)
        for name in ("a.npz", "a", "b"):
            with pytest.raises(OSError, match=rf"No space left on device: '.*{name[0]}\.npz'"):
                GOOD.save(tmp_path / name)
    assert [each.name for each in tmp_path.iterdir()] == ["a.npz"]
    assert path.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights")
def test_links_stay_links_and_folders_stay(tmp_path):
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(IsADirectoryError):
        GOOD.save(tmp_path / "folder")
    (tmp_path / "link.npz").symlink_to("there.npz")
    GOOD.save(tmp_path / "link")
    assert (tmp_path / "link.npz").is_symlink()
    assert sg.ItdSpectrogram.load(tmp_path / "there.npz").data.tobytes() == DATA.tobytes()
