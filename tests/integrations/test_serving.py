"""The server of examples/serving.py, as a process of its own, asked over its port."""

import http.client
import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import spectrograms as sg

from ..project.test_guides import Page
from ..support.checkout import DATA, REASON

for package in ("fastapi", "uvicorn", "websockets", "soundfile", "soxr"):
    pytest.importorskip(package, reason=f"needs {package}: pip install {package}")

from websockets.exceptions import ConnectionClosed  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
PROMPT = DATA / "audio" / "prompt_vm_intro_8k.wav"
if not PROMPT.exists():
    pytest.skip(REASON.format("audio"), allow_module_level=True)


@pytest.fixture(scope="module")
def server():
    """Where it listens."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "uvicorn",
        "--no-access-log",
        "--app-dir",
        str(ROOT / "examples"),
        "--port",
        "0",
    ]
    process = subprocess.Popen([*command, "serving:app"], stderr=subprocess.PIPE, text=True)
    try:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "running on http://" in line:
                yield line.partition("http://")[2].split()[0]
                return
        pytest.fail("".join(lines))
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()


def post(server, content):
    """Status and body of an answer."""
    connection = http.client.HTTPConnection(server, timeout=60)
    try:
        connection.request("POST", "/features", content)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_features_are_those_of_the_frontend(server):
    content = PROMPT.read_bytes()
    samples, _ = sg.read_audio(PROMPT, sample_rate=16000)
    wanted = sg.frontend("whisper_hf", precision="float32").compute(samples)
    with ThreadPoolExecutor(8) as clients:
        for status, body in clients.map(post, [server] * 24, [content] * 24):
            assert status == 200
            np.testing.assert_array_equal(np.load(io.BytesIO(body)), wanted)


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [(b"text", 400, b"Format not recognised"), (b"", 400, b"audio"), (bytes(20_000_001), 413, b"at most")],
    ids=["text", "nothing", "large"],
)
def test_what_is_wrong_is_said(server, content, status, words):
    found, body = post(server, content)
    assert found == status
    assert words in body


def test_streams_at_once(server):
    samples, _ = sg.read_audio(PROMPT, sample_rate=16000)
    pcm = np.round(samples * 32767).astype("<i2")
    live = sg.frontend("kaldi_fbank", num_mel_bins=80, precision="float32")

    def speak(first):
        with connect(f"ws://{server}/stream") as socket:
            own = pcm[first:]
            for begin in range(0, len(own), 320):
                socket.send(own[begin : begin + 320].tobytes())
            socket.send(b"")
            return first, np.frombuffer(b"".join(socket), np.float32).reshape(-1, 80)

    with ThreadPoolExecutor(6) as clients:
        for first, frames in clients.map(speak, range(0, 6000, 500)):
            np.testing.assert_array_equal(frames, live.compute(sg.from_pcm(pcm[first:].tobytes())))


def test_a_stream_with_half_a_sample_is_closed(server):
    with connect(f"ws://{server}/stream") as socket:
        socket.send(bytes(641))
        with pytest.raises(ConnectionClosed, match="1 left over"):
            socket.recv()
    # The server goes on.
    assert post(server, PROMPT.read_bytes())[0] == 200


def test_the_guide(server, monkeypatch):
    monkeypatch.chdir(ROOT)
    page = Page("guide/serving")
    page.text = page.text.replace("127.0.0.1:8000", server)
    page.run()
    assert page.checked == 2
