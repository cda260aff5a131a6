"""Pictures and reports of the command line."""

import base64
import json
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

import spectrograms as sg
from spectrograms.cli import main
from spectrograms.corpus import extract

from ..support.corpora import noise
from .conftest import RATE

pytest.importorskip("matplotlib")


def picture(path):
    from matplotlib.image import imread

    return imread(path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "begins"),
    [
        ("png", b"\x89PNG"),
        ("svg", b"<?xml"),
        pytest.param("pdf", b"%PDF", marks=pytest.mark.slow),
    ],
)
def test_formats(tone, tmp_path, kind, begins):
    for verb in ("plot", "compute"):
        output = tmp_path / f"{verb}.{kind}"
        assert main([verb, str(tone), "-o", str(output), "--size", "4", "2"]) == 0
        assert output.read_bytes().startswith(begins)


@pytest.mark.slow
def test_the_same_picture_is_the_same_bytes(tone, tmp_path):
    for kind in ("png", "svg", "pdf"):
        outputs = [tmp_path / f"{n}.{kind}" for n in (1, 2)]
        for output in outputs:
            assert main(["plot", str(tone), "-o", str(output), "--size", "4", "2", "--title", "one"]) == 0
        assert outputs[0].read_bytes() == outputs[1].read_bytes(), kind


@pytest.mark.slow
def test_options_of_the_look(tone, tmp_path):
    output = tmp_path / "tone.svg"
    options = ["--title", "A $5 tone", "--start", "0.1", "--duration", "0.2", "--frequencies", "500", "2500"]
    assert main(["plot", str(tone), "-o", str(output), "--waveform", "--range", "40", *options]) == 0
    # Glyphs are drawn as paths, each text behind a comment that says it.
    texts = re.findall(r"<!-- (.+?) -->", output.read_text())
    assert "A $5 tone" in texts
    assert "Frequency (kHz)" in texts
    assert {"0.15", "0.25"} <= set(texts)
    assert not {"0.05", "0.35", "3"} & set(texts)


@pytest.mark.slow
def test_size_and_theme(tone, tmp_path):
    output = tmp_path / "tone.png"
    assert main(["plot", str(tone), "-o", str(output), "--size", "4", "2", "--theme", "dark"]) == 0
    pixels = picture(output)
    assert pixels.shape[:2] == (240, 480)
    assert pixels[0, 0, :3].max() < 0.2


@pytest.mark.slow
def test_folders_and_sheets(tone, tmp_path, capsys):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b", "c"):
        soundfile.write(folder / f"{name}.wav", 0.1 * np.random.default_rng(0).standard_normal(RATE), RATE)
    assert main(["plot", str(folder), "-o", str(tmp_path / "out"), "--size", "3", "2", "--json"]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a.png", "b.png", "c.png"}
    assert len(json.loads(capsys.readouterr().out)["files"]) == 3
    sheet = tmp_path / "sheet.png"
    assert main(["plot", str(folder), "--sheet", "-o", str(sheet), "--scale", "mel"]) == 0
    assert picture(sheet).shape[1] > 700


@pytest.mark.slow
def test_saved_results(tmp_path):
    chroma = sg.compute_chromagram(np.ones(RATE), sg.StftParams(512, 128, "hann"), RATE, sg.ChromaParams())
    chroma.save(tmp_path / "chroma.npz")
    assert main(["plot", str(tmp_path / "chroma.npz"), "-o", str(tmp_path / "chroma.png")]) == 0
    assert len(np.unique(picture(tmp_path / "chroma.png").reshape(-1, 4), axis=0)) > 20


@pytest.mark.slow
def test_what_cannot_be_drawn(tone, text_file, tmp_path, capsys):
    assert main(["plot", str(tone), str(text_file), "-o", str(tmp_path / "out")]) == 3
    assert "1 of 2 inputs failed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--range", "0"], "--range must be a number of dB > 0, got 0"),
        (["--size", "0", "3"], "--size must be inches from 0.5 to 100, got 0 3"),
        (["--frequencies", "300", "200"], "--frequencies must be Hz that ascend, got 300 200"),
        (["--duration", "nan"], "--duration must be seconds > 0, got nan"),
        (["--theme", "nosuch"], "--theme must be light, dark or a style of Matplotlib"),
        (["--colour-map", "nosuch"], "--colour-map must be one of Matplotlib's"),
        (["-o", "x.gif"], "-o must end in .png, .svg, .pdf or be a folder, got x.gif"),
        (["--sheet", "-o", "x"], "-o must end in .png, .svg, .pdf, got x"),
    ],
)
def test_wrong_usage(tone, tmp_path, capsys, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    assert main(["plot", str(tone), *options]) == 2
    assert said in capsys.readouterr().err


# --- reports ------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Tags that are open at the end, pictures, captions by heading, and addresses elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.open, self.images, self.captions, self.elsewhere, self.heading = [], [], {}, [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.elsewhere += [value for value in attrs.values() if re.match(r"https?:|//|/", value or "")]
        if tag == "img":
            assert attrs["alt"]
            self.images.append(base64.b64decode(attrs["src"].removeprefix("data:image/png;base64,")))
        if tag not in ("img", "meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] == ["h2"]:
            self.heading = data
        if self.open[-1:] == ["figcaption"]:
            self.captions.setdefault(self.heading, []).append(data.partition(":")[0])


@pytest.fixture
def store(tmp_path):
    pytest.importorskip("pyarrow")
    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(12):
        soundfile.write(folder / f"clip{n:02d}.wav", noise(n, 0.5 + 0.05 * n) * 10.0 ** (-n / 10), RATE)
    soundfile.write(folder / "tone.wav", 0.3 * np.sin(np.arange(RATE // 4) * 0.5), RATE)
    (folder / "<b>bad.wav").write_text("no audio")
    extract(folder, sg.frontend("kaldi_fbank", num_mel_bins=40), tmp_path / "store", num_threads=1)
    return tmp_path / "store"


@pytest.mark.slow
def test_a_report_names_what_is_remarkable(store, tmp_path, capsys):
    output = tmp_path / "report.html"
    assert main(["report", str(store), "-o", str(output), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["failed"] == 1
    page = Page(output.read_text(encoding="utf-8"))
    assert page.open == []
    assert page.elsewhere == []
    assert len(page.images) == 2 + 4 * 10
    assert all(image.startswith(b"\x89PNG") for image in page.images)
    assert page.captions["Longest clips"][:2] == ["clip11", "clip10"]
    assert page.captions["Quietest clips"][:2] in (["tone", "clip11"], ["clip11", "clip10"])
    assert page.captions["Loudest clips"][0] == "clip00"
    assert page.captions["Strangest clips"][0] == "tone"
    text = output.read_text(encoding="utf-8")
    assert "&lt;b&gt;bad" in text
    low, high = sg.frontend("kaldi_fbank", num_mel_bins=40).frequencies[[0, -1]]
    assert f"Upwards {low:,.0f} to {high:,.0f} Hz" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "params", "label"),
    [
        ("kaldi_fbank", {"num_mel_bins": 40}, "Frequency (kHz)"),
        ("kaldi_mfcc", {}, "Coefficient"),
        ("granite_speech_mel", {}, "Frequency (kHz) in each of 2 parts"),
    ],
)
def test_bands_of_a_report_are_where_they_are(name, params, label):
    from spectrograms.integrations.figures import new_figure
    from spectrograms.integrations.report import _bands

    made = sg.frontend(name, **params)
    n = made.n_bins
    values = {"mean": np.zeros(n), "std": np.ones(n), "min": np.full(n, -3.0), "max": np.full(n, 3.0)}
    stats = SimpleNamespace(**values)
    ax = new_figure((4, 2.5)).add_subplot()
    _bands(ax, SimpleNamespace(config={"features": made.config}, n_features=n), stats)
    ax.figure.canvas.draw()
    assert ax.get_xlabel() == label
    if made.frequencies is not None:
        assert ax.lines[0].get_xdata().tolist() == made.frequencies.tolist()
    other = new_figure((4, 2.5)).add_subplot()  # what another version has computed
    _bands(other, SimpleNamespace(config={"features": {"type": "unknown"}}, n_features=n), stats)
    assert other.get_xlabel() == "Row"


def test_a_report_of_nothing(tmp_path):
    pytest.importorskip("pyarrow")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.wav").write_text("no audio")
    extract(tmp_path / "in", "kaldi_fbank", tmp_path / "store", num_threads=1)
    assert main(["report", str(tmp_path / "store"), "-o", str(tmp_path / "report.html")]) == 0
    assert Page((tmp_path / "report.html").read_text(encoding="utf-8")).images == []


def test_a_report_is_a_page(store, capsys):
    assert main(["report", str(store), "-o", "report.txt"]) == 2
    assert "-o must end in .html" in capsys.readouterr().err
