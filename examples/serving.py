"""Features over HTTP: ``uvicorn --app-dir examples serving:app`` (pip install fastapi uvicorn websockets).

``POST /features`` takes a recording, in any format that :func:`spectrograms.read_audio` knows, and answers
with the features as the bytes of an ``.npy`` file. The WebSocket ``/stream`` takes packets of 16-bit PCM and
answers with the frames that each completes; an empty packet ends the signal.
"""

import asyncio
import io
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from fastapi import FastAPI, HTTPException, Request, Response, WebSocket, WebSocketDisconnect

import spectrograms as sg

# What Whisper's extractor in transformers gives, and features that need no end of the signal.
WHOLE = sg.frontend("whisper_hf", precision="float32")
LIVE = sg.frontend("kaldi_fbank", num_mel_bins=80, precision="float32")
# One thread for each request: the requests are the parallelism.
sg.set_num_threads(1)
# Bytes of a request: ten minutes of 16-bit samples at 16 kHz.
LARGEST = 20_000_000


def features_of(recording):
    """The features of the bytes of a recording; runs on a thread, and leaves the others the interpreter."""
    samples, _ = sg.read_audio(io.BytesIO(recording), sample_rate=WHOLE.sample_rate)
    return WHOLE.compute(samples)


def as_npy(features):
    """An array as the bytes of a file that ``numpy.load`` reads."""
    file = io.BytesIO()
    np.save(file, features)
    return file.getvalue()


def make_app(features_of=features_of):
    """The application, for any function from the bytes of a recording to an array."""
    app = FastAPI()
    threads = ThreadPoolExecutor(len(os.sched_getaffinity(0)), "features")

    def answer(recording):
        return as_npy(features_of(recording))

    @app.post("/features")
    async def features(request: Request):
        recording = bytearray()
        async for part in request.stream():
            recording += part
            if len(recording) > LARGEST:
                raise HTTPException(413, f"a recording must have at most {LARGEST} bytes")
        try:
            found = await asyncio.get_running_loop().run_in_executor(threads, answer, bytes(recording))
        except sg.InvalidInputError as error:
            raise HTTPException(400, str(error)) from None
        return Response(found, media_type="application/octet-stream")

    @app.websocket("/stream")
    async def stream(socket: WebSocket):
        await socket.accept()
        live = LIVE.stream()
        try:
            while packet := await socket.receive_bytes():
                # Some microseconds: less than it takes to ask a thread.
                frames = live.push(sg.from_pcm(packet))
                if len(frames):
                    await socket.send_bytes(frames.tobytes())
            await socket.send_bytes(live.flush().tobytes())
            await socket.close()
        except WebSocketDisconnect:
            pass  # gone, and its stream with it
        except sg.InvalidInputError as error:
            await socket.close(1003, str(error)[:120])

    return app


app = make_app()
