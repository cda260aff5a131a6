"""The view of a notebook: what it says, and that looking at a value loads nothing."""

import base64
import io
import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import spectrograms as sg

from ..support import every_result
from ..support.slow import slow_but

NAMES = [name for name in every_result.NAMES if name not in ("Fft2dResult", "StmtfResult")]


def cells(page):
    """The table of a view as a dict; the page must be well-formed."""
    tree = ET.fromstring(re.sub(r"<img [^>]*>", "", page))
    return {row[0].text: row[1].text for row in tree.iter("tr")}


@pytest.mark.slow
@pytest.mark.parametrize("name", slow_but(("Spectrogram", "CqtResult", "Descriptor"), NAMES))
def test_every_result_has_a_view_with_its_picture(name):
    image = pytest.importorskip("matplotlib.image")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.close("all")
    page = every_result.result(name)._repr_html_()
    assert name in cells(page)
    png = base64.b64decode(re.search(r"base64,([^']+)'", page)[1])
    pixels = image.imread(io.BytesIO(png))
    assert pixels.shape[:2] == (192, 400)
    assert pixels[..., :3].std() > 0.01
    assert not pyplot.get_fignums()


@pytest.mark.slow
def test_words():
    params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    mel = sg.MelParams(40, 0.0, 8000.0)
    spectrogram = sg.compute_mel_db_spectrogram(np.ones(16000), params, mel)
    spectrogram.data[0, :3] = np.nan
    found = cells(spectrogram._repr_html_())
    assert found["Spectrogram"] == "mel, db"
    assert found["shape"] == "40 bins x 101 frames, float64"
    assert found["time"] == "0 to 1 s, one every 10 ms, of 16000 Hz"
    low, high = spectrogram.frequency_range()
    assert found["frequency"] == f"{low:g} to {high:g} Hz"
    assert found["values"].endswith(" dB")
    assert found["not finite"] == "3 of 4040"


@pytest.mark.slow
def test_a_view_does_not_load_matplotlib():
    code = """
import sys, numpy as np, spectrograms as sg
params = sg.SpectrogramParams(sg.StftParams(64, 16, "hann"), 8000)
page = sg.compute_linear_power_spectrogram(np.ones(640), params)._repr_html_()
assert "Spectrogram" in page and "img" not in page
assert "matplotlib" not in sys.modules
"""
    assert subprocess.run([sys.executable, "-P", "-c", code], check=False).returncode == 0
