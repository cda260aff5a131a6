"""One result however it is computed: whole, in a stream, in a batch, on threads; memory and dither."""

import tracemalloc

import numpy as np
import pytest

from spectrograms._frontends import runner as running
from spectrograms._frontends.making import frontend
from spectrograms.errors import DimensionMismatchError, InvalidInputError

from ..support.frontend_clips import clip, every, make

# Every value of every parameter is tried, such as more bands than a transform has room for.
pytestmark = pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")


# Frontends that cannot stream, whatever their parameters.
NO_STREAM = {
    "whisper_openai",
    "whisper_hf",
    "librosa_mfcc",
    "parakeet_hf",
    "wespeaker_fbank",
    "granite_speech_mel",
    "qwen3_asr_mel",
    "moss_mel",
    "dots3_note_mel",
    "cohere_asr_mel",
    "granite_speech5_mel",
    "fun_asr_nano_fbank",
    "neucodec_fbank",
    "xcodec2_fbank",
}


@pytest.mark.slow
@every
def test_streams_give_the_same_bytes(name, rate, params):
    made = make(name, rate, params)
    axis = 0 if made.layout == "(frames, rows)" else 1
    if name in NO_STREAM or params.get("pad_mode") == "circular" or made._why_no_stream():
        with pytest.raises(InvalidInputError, match="cannot stream: it"):
            made.stream()
        return
    stream = made.stream()
    for n, size in ((7000, 97), (7000, 400), (7000, 3000), (3000, 1)):
        x = clip(n)
        whole = made.compute(x)
        chunks = [stream.push(x[i : i + size]) for i in range(0, len(x), size)]
        chunks.append(stream.flush())
        joined = np.concatenate(chunks, axis=axis)
        assert joined.dtype == whole.dtype
        assert joined.shape == whole.shape
        assert joined.tobytes() == whole.tobytes()
        assert stream.frames_emitted == made.frame_count(len(x))
        stream.reset()


@pytest.mark.slow
@every
def test_batches_give_the_same_bytes(name, rate, params):
    made = make(name, rate, params)
    lengths = (6000, 12001, 2500, 9600)
    if name in ("scipy_stft", "scipy_spectrogram"):
        lengths = (700, 300, 5000)
    clips = [clip(n, seed=n) for n in lengths]
    clips = [x for x in clips if len(x) <= _longest(made)]
    batch = made.compute_batch(clips, num_threads=2)
    for x, result in zip(clips, batch, strict=True):
        assert result.tobytes() == made.compute(x).tobytes()
    assert batch.lengths.tolist() == [made.frame_count(len(x)) for x in clips]
    padded = batch.padded(-7.0)
    frames = max(batch.lengths)
    bins = made.n_bins
    assert padded.shape == (
        len(clips),
        *((frames, bins) if made.layout == "(frames, rows)" else (bins, frames)),
    )
    array = made.compute_batch(np.stack([clips[0], -clips[0]]))
    assert array[0].tobytes() == batch[0].tobytes()


def _longest(made):
    """The longest clip that is taken: CLAP refuses those that it would cut at random."""
    params = made.params
    if made.name != "clap" or params["max_length_s"] is None or params["offset"] is None:
        return 2**62
    return 48000


@pytest.mark.parametrize("group", [1, 300_000])
@pytest.mark.parametrize(
    "name", ["seamless_m4t", "nemo_mel", "librosa_mfcc", "whisper_openai", "clap", "gemma3n_mel"]
)
def test_groups_of_a_batch_do_not_matter(name, group, monkeypatch):
    made = frontend(name, **({"max_length_s": 0.2} if name == "clap" else {}))
    clips = [clip(n, seed=n) for n in (9000, 700, 5000, 7001, 4000, 6400, 2000)]
    whole = [made.compute(x) for x in clips]
    monkeypatch.setattr(running, "_GROUP_BYTES", group)
    for threads in (1, 3):
        for x, out in zip(whole, made.compute_batch(clips, num_threads=threads), strict=True):
            assert out.tobytes() == x.tobytes()


class TracedPool:
    """Scratch memory of NumPy's, which tracemalloc sees."""

    def borrow_at_least(self, nbytes):
        return np.empty(nbytes, np.uint8)

    def give_back(self, block):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("name", ["seamless_m4t", "nemo_mel", "whisper_hf"])
def test_memory_between_the_steps_does_not_grow_with_the_batch(name, monkeypatch):
    monkeypatch.setattr(running, "ScratchPool", TracedPool)
    made = frontend(name, **({"do_normalize": True, "pad30": False} if name == "whisper_hf" else {}))
    peaks = {}

    def measure(count, group):
        monkeypatch.setattr(running, "_GROUP_BYTES", group)
        clips = [clip(20000)] * count
        tracemalloc.start()
        made.compute_batch(clips, num_threads=2)
        peaks[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    # Groups hold a few clips, so that even the smaller batch has several and reaches its peak. Results lie in
    # a block of their own, which is not traced. Sixteen times as many clips cost no more than their Python
    # objects; what threads happen to hold at the same time is far below what the test rules out.
    for count in (32, 512):
        measure(count, 1 << 20)
    assert peaks[512] < 3 * peaks[32]
    # Everything in one group: the test would notice.
    measure(512, 1 << 40)
    assert peaks[512] > 8 * peaks[32]


@pytest.mark.parametrize(
    "name", ["kaldi_fbank", "wespeaker_fbank", "speech_to_text_fbank", "nemo_mel", "gemma3n_mel"]
)
def test_dither_is_keyed_noise(name):
    plain, dithered = frontend(name), frontend(name, dither=0.1)
    x = clip(4000)
    once, twice = dithered.compute(x), dithered.compute(x)
    assert once.tobytes() == twice.tobytes()
    assert not np.array_equal(once, plain.compute(x))
    assert dithered.compute_batch([clip(900), x])[1].tobytes() == once.tobytes()


def test_dither_has_the_variance_it_says():
    made = frontend("kaldi_mfcc", dither=3.0, num_ceps=1, remove_dc=False, preemph=0.0)
    energy = np.exp(made.compute(np.zeros(160000))[:, 0].astype(np.float64))
    np.testing.assert_allclose(energy.mean(), 400 * 9.0, rtol=0.02)


@pytest.mark.slow
@every
def test_into_an_array_of_any_strides(name, rate, params):
    made = make(name, rate, params)
    x = clip(7000)
    whole = made.compute(x)
    for order in "CF":
        out = np.full(whole.shape, np.nan, whole.dtype, order=order)
        assert made.compute_into(x, out, num_threads=1) is out
        assert out.tobytes() == whole.tobytes()


def test_into_an_array_that_does_not_fit():
    made, x = frontend("kaldi_fbank"), clip(7000)
    shape = made.output_shape(7000)
    for wrong, error in (
        (np.zeros(shape), TypeError),
        (np.zeros(shape[::-1], "float32"), DimensionMismatchError),
        (np.zeros(shape[0], "float32"), TypeError),
        (np.broadcast_to(np.float32(0.0), shape), ValueError),
    ):
        with pytest.raises(error, match="out"):
            made.compute_into(x, wrong)
        assert not wrong.any()
    with pytest.raises(TypeError, match="samples"):
        made.compute_into(np.stack([x, x]), np.zeros(shape, "float32"))
    # The samples may lie where the features go.
    both = np.zeros(max(7000, shape[0] * shape[1]), "float32")
    both[:7000] = x
    out = both[: shape[0] * shape[1]].reshape(shape)
    assert made.compute_into(both[:7000], out).tobytes() == made.compute(x.astype("float32")).tobytes()
