"""The server of examples/serving.py under load, and the same server with transformers' extractor.

    python benchmarks/serving.py [--seconds S] [--streams N ...]

Clients on one event loop send a recording of 10 s, wait for the answer and send the next: requests a second,
the times that half and 99 of 100 answers take at most, and the processor time of the server for each, which a
busy machine changes least. Each server is a process of its own, and one thread of it for each core computes.
Then streams that send 20 ms of 16-bit samples fifty times a second each, all at once: times from a packet to
its frames, and packets that were not answered before the next was due. Clients and servers share the cores.
Needs Linux, fastapi, uvicorn, websockets, transformers and torch.
"""

import argparse
import asyncio
import io
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import soundfile

import spectrograms as sg

ROOT = Path(__file__).resolve().parents[1]
CLIENTS = (1, 2, 4, 8, 16)
RATE, PACKET = 16000, 320


def recording(seconds):
    """The bytes of a WAV file of fading noise."""
    n = round(seconds * RATE)
    file = io.BytesIO()
    samples = 0.1 * np.random.default_rng(0).standard_normal(n) * np.hanning(n)
    soundfile.write(file, samples, RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()


def other(with_torch):
    """What the server calls in place of ours: transformers' extractor, on the same samples."""
    from transformers import WhisperFeatureExtractor
    from transformers.models.whisper import feature_extraction_whisper as home

    if with_torch:
        import torch

        torch.set_num_threads(1)
    else:
        home.is_torch_available = lambda: False
    extractor = WhisperFeatureExtractor()

    def features_of(content):
        samples, rate = sg.read_audio(io.BytesIO(content), sample_rate=RATE)
        return extractor(samples, sampling_rate=rate, return_tensors="np")["input_features"][0]

    return features_of


def serve(side):
    """Run a server on a free port, which uvicorn prints."""
    sys.path.insert(0, str(ROOT / "examples"))
    import serving
    import uvicorn

    app = serving.app if side == "ours" else serving.make_app(other(side == "torch"))
    uvicorn.run(app, port=0, access_log=False, ws_ping_interval=None)


def started(side):
    """A server as a process, and its port."""
    command = [sys.executable, __file__, "--serve", side]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "running on http://" in line:
            return process, int(line.partition("127.0.0.1:")[2].split()[0])
    raise RuntimeError(f"the server of {side} has not started")


async def ask(port, request, until, times):
    """One client: ask again and again on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    answer = b""
    while time.perf_counter() < until:
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        size = int(head.lower().partition(b"content-length: ")[2].split()[0])
        answer = await reader.readexactly(size)
        times.append(time.perf_counter() - began)
    writer.close()
    return answer


async def load(port, clients, seconds):
    """The time of each request, requests a second, and an answer."""
    content = recording(10.0)
    head = f"POST /features HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n\r\n"
    request = head.encode() + content
    await ask(port, request, time.perf_counter() + 1.0, [])
    times, began = [], time.perf_counter()
    answers = await asyncio.gather(*(ask(port, request, began + seconds, times) for _ in range(clients)))
    return times, len(times) / (time.perf_counter() - began), np.load(io.BytesIO(answers[0]))


async def speak(port, number, packets, times):
    """One stream in real time; the first packet completes no frame."""
    from websockets.asyncio.client import connect

    async with connect(f"ws://127.0.0.1:{port}/stream", compression=None, ping_interval=None) as socket:
        await asyncio.sleep(0.02 * (number % 100) / 100)
        began, packet = time.perf_counter(), bytes(2 * PACKET)
        await socket.send(packet)
        for k in range(1, packets):
            await asyncio.sleep(max(0.0, began + 0.02 * k - time.perf_counter()))
            sent = time.perf_counter()
            await socket.send(packet)
            await socket.recv()
            times.append(time.perf_counter() - sent)


async def speech(port, streams, seconds):
    """Times from packets to frames."""
    times = []
    await asyncio.gather(*(speak(port, k, round(50 * seconds), times) for k in range(streams)))
    return (times,)


def pushes(streams, rounds):
    """Microseconds of one core for a packet, in this process alone, its streams in turn."""
    live = sg.frontend("kaldi_fbank", num_mel_bins=80, precision="float32")
    made, packet = [live.stream() for _ in range(streams)], bytes(2 * PACKET)
    times = []
    for _ in range(rounds):
        began = time.process_time()
        for stream in made:
            stream.push(sg.from_pcm(packet))
        times.append((time.process_time() - began) / streams)
    return 1e6 * min(times)


def processor(process):
    """Seconds of the cores that a process has had."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def measured(server, work):
    """What a coroutine gives, and the milliseconds of the server for each of its times."""
    before = processor(server)
    times, *rest = asyncio.run(work)
    return times, 1e3 * (processor(server) - before) / len(times), *rest


def quantiles(times):
    """Milliseconds that half, and 99 of 100, take at most."""
    return [f"{1e3 * value:.1f}" for value in np.quantile(times, [0.5, 0.99])]


def main():
    """Print both tables in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--streams", type=int, nargs="*", default=[10, 50, 100, 200])
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return
    print(f"cores: {len(os.sched_getaffinity(0))}, load before: {os.getloadavg()[0]:.1f}\n")
    servers = {}
    try:
        for side in ("ours", "torch", "NumPy"):
            servers[side] = started(side)
        print(
            "| clients | server | requests a second | p50, ms | p99, ms | server's cores, ms a request "
            "| ours: requests | cores |"
        )
        print("|---:|---|---:|---:|---:|---:|---:|---:|")
        for clients in CLIENTS:
            found = {
                side: measured(process, load(port, clients, arguments.seconds))
                for side, (process, port) in servers.items()
            }
            for side, (times, used, rate, features) in found.items():
                worst = np.abs(features - found["ours"][3]).max()
                assert worst < 1e-3, f"{side} gives something else: {worst}"
                ratios = f"{found['ours'][2] / rate:.1f}", f"{used / found['ours'][1]:.1f}"
                cells = (clients, side, f"{rate:.1f}", *quantiles(times), f"{used:.1f}", *ratios)
                print("|", " | ".join(map(str, cells)), "|", flush=True)
        print(
            "\n| streams | packets a second | p50, ms | p99, ms | later than 20 ms "
            "| server's cores, ms a packet |"
        )
        print("|---:|---:|---:|---:|---:|---:|")
        for streams in arguments.streams:
            process, port = servers["ours"]
            times, used = measured(process, speech(port, streams, arguments.seconds))
            late = f"{100 * np.mean(np.array(times) > 0.02):.1f} %"
            cells = (streams, 50 * streams, *quantiles(times), late, f"{used:.3f}")
            print("|", " | ".join(map(str, cells)), "|", flush=True)
        print(f"\nwithout a server, 1000 streams in turn: {pushes(1000, 50):.1f} us a packet")
    finally:
        for process, _ in servers.values():
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
