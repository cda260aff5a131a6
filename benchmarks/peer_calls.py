"""What `peers.py` times, as closures, for every library.

A call is a dict: `kind`, `dtype` and the sizes of that kind. `package_call` states it in the public API
that this package and the reference share, so one text serves both; the others state the same computation
in their own words. Imported by the worker processes, some of which have NumPy and one library only.
"""

import numpy as np
import peer_defaults

SAMPLE_RATE = 16000.0
FLOOR_DB = -80.0
CQT = (12, 6, 55.0)


class NotOffered(Exception):
    """The library has no such function, or not the same one."""


def signal(call):
    """Return the samples of `call` in its dtype: noise and two tones, `n_frames` hops long."""
    n = call.get("n_samples") or call["n_frames"] * call["hop"]
    block = min(n, 160_000)
    t = np.arange(block)
    x = np.random.default_rng(1).random(block) - 0.5 + np.sin(0.1 * t) + 0.1 * np.sin(0.9 * t)
    return np.resize(x.astype(call["dtype"]), n)


def image(call):
    return np.random.default_rng(2).random((call["size"], call["size"])).astype(call["dtype"])


def package_call(call, sg):
    """Return a closure for this package or the reference, `sg` being the module."""
    make = {
        "spectrogram": spectrogram,
        "one-shot": one_shot,
        "stft": stft,
        "istft": istft,
        "mfcc": mfcc,
        "chroma": chroma,
        "mdct": mdct,
        "fft2d": fft2d,
        "convolve_fft": convolve,
        "itd": itd,
        "batch": batch,
        "frontend": frontend,
        "stream": stream,
    }
    if call["kind"] in peer_defaults.OURS:
        return peer_defaults.OURS[call["kind"]](call, sg, signal(call))
    try:
        return make[call["kind"]](call, sg)
    except (AttributeError, ImportError) as error:
        raise NotOffered(str(error)) from error


def stft_params(call, sg):
    return sg.StftParams(call["n_fft"], call["hop"], sg.WindowType.hanning)


def parameters(call, sg):
    """Return the parameter objects of a spectrogram, without LogParams."""
    scales = {
        "linear": list,
        "mel": lambda: [sg.MelParams(80, 0.0, SAMPLE_RATE / 2, "slaney")],
        "erb": lambda: [sg.ErbParams(64, 50.0, SAMPLE_RATE / 2)],
        "loghz": lambda: [sg.LogHzParams(84, 27.5, 4186.0)],
        "cqt": lambda: [sg.CqtParams(*CQT)],
    }
    return [sg.SpectrogramParams(stft_params(call, sg), SAMPLE_RATE), *scales[call["scale"]]()]


def log_params(call, sg):
    return [sg.LogParams(FLOOR_DB)] if call["amplitude"] == "db" else []


def spectrogram(call, sg):
    x = signal(call)
    make_plan = getattr(sg.SpectrogramPlanner(), f"{call['scale']}_{call['amplitude']}_plan")
    plan = make_plan(*parameters(call, sg), *log_params(call, sg), dtype=call["dtype"])
    if call.get("out"):
        out = np.full(plan.output_shape(len(x)), 1, call["dtype"])
        return lambda: plan.compute(x, out=out)
    return lambda: plan.compute(x).data


def one_shot(call, sg):
    x = signal(call)
    compute = getattr(sg, f"compute_{call['scale']}_{call['amplitude']}_spectrogram")
    args = [*parameters(call, sg), *log_params(call, sg)]
    return lambda: compute(x, *args, dtype=call["dtype"]).data


def stft(call, sg):
    x, params = signal(call), sg.SpectrogramParams(stft_params(call, sg), SAMPLE_RATE)
    compute = sg.compute_stft
    return lambda: compute(x, params, call["dtype"]).data


def istft(call, sg):
    matrix = np.array(stft(call, sg)())
    args = (call["n_fft"], call["hop"], sg.WindowType.hanning, True, call["dtype"])
    compute = sg.compute_istft
    return lambda: compute(matrix, *args)


def mfcc(call, sg):
    x, params = signal(call), stft_params(call, sg)
    args = (params, SAMPLE_RATE, 40, sg.MfccParams(13), call["dtype"])
    compute = sg.compute_mfcc
    return lambda: compute(x, *args).data


def chroma(call, sg):
    x, params = signal(call), stft_params(call, sg)
    args = (params, SAMPLE_RATE, sg.ChromaParams(), call["dtype"])
    compute = sg.compute_chromagram
    return lambda: compute(x, *args).data


def mdct(call, sg):
    x, params = signal(call), sg.MdctParams.sine_window(call["n_fft"])
    compute = sg.mdct
    return lambda: compute(x, params, call["dtype"])


def fft2d(call, sg):
    x, planner = image(call), sg.Fft2dPlanner(call["dtype"])
    return lambda: planner.fft2d(x)


def convolve(call, sg):
    x, kernel = image(call), sg.gaussian_kernel_2d(31, 5.0, call["dtype"])
    compute = sg.convolve_fft
    return lambda: compute(x, kernel, call["dtype"])


def itd(call, sg):
    x = signal(call)
    params = sg.SpectrogramParams(stft_params(call, sg), SAMPLE_RATE)
    pair, params = [x, np.roll(x, 3)], sg.ITDSpectrogramParams(params, 50.0, 620.0)
    compute = sg.compute_itd_spectrogram
    return lambda: compute(pair, params, call["dtype"]).data


def plan_of(call, sg):
    return sg.SpectrogramPlan(
        *parameters(call, sg), call["amplitude"], *log_params(call, sg), dtype=call["dtype"]
    )


def batch(call, sg):
    x, plan = signal(call), plan_of(call, sg)
    clips = [x] * call["n_clips"]
    return lambda: np.asarray(plan.compute_batch(clips, num_threads=1)[0])


def frontend(call, sg):
    x, made = signal(call), sg.frontend(call["name"], precision="float32")
    return lambda: made.compute(x)


def stream(call, sg):
    x, running = signal(call), plan_of(call, sg).stream()

    def push():
        for _ in range(50):
            running.push(x)
        # One number, since each call gives other frames.
        return np.zeros(1)

    return push


def memory_call(call, sg):
    """Return a closure that computes once and returns the MiB held at the peak beyond the output itself.

    To be called once, in a fresh process: the peak of a process never goes down.
    """
    short = spectrogram(call | {"n_frames": 100}, sg)
    long = spectrogram(call, sg)

    def status(field):
        with open("/proc/self/status") as lines:
            return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))

    def compute():
        short()
        before = status("VmRSS:")
        data = long()
        return np.array(status("VmHWM:") - before - data.nbytes / 2**20)

    return compute


def scipy_call(call):
    """Return a closure with `scipy.fft.rfft` on a strided view, then NumPy."""
    import scipy.fft

    if call["kind"] not in ("spectrogram", "one-shot", "stft") or call.get("scale") == "cqt":
        raise NotOffered
    x, n_fft, hop, dtype = signal(call), call["n_fft"], call["hop"], call["dtype"]
    window = np.hanning(n_fft).astype(dtype)
    bank = filterbank(call)
    eps = np.asarray(10 ** (FLOOR_DB / 10), dtype)

    def compute():
        padded = np.pad(x, n_fft // 2)
        frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
        spectrum = scipy.fft.rfft(frames * window).T
        if call["kind"] == "stft":
            return spectrum
        power = spectrum.real**2 + spectrum.imag**2
        if bank is not None:
            power = bank @ power
        return 10 * np.log10(np.maximum(power, eps)) if call["amplitude"] == "db" else power

    return compute


def filterbank(call):
    """Return the weights of the scale as a dense matrix in the dtype of `call`, None for linear."""
    n_fft = call["n_fft"]
    if call.get("scale", "linear") == "linear":
        return None
    if call["scale"] == "mel":
        try:
            import librosa
        except ImportError:
            raise NotOffered("the mel weights come from librosa") from None
        weights = librosa.filters.mel(sr=SAMPLE_RATE, n_fft=n_fft, n_mels=80, dtype=np.float64)
    elif call["scale"] == "erb":
        centres = np.linspace(50.0, SAMPLE_RATE / 2, 64)[:, None]
        width = 1.019 * 24.7 * (4.37e-3 * centres + 1)
        weights = (1 + ((np.arange(n_fft // 2 + 1) * SAMPLE_RATE / n_fft - centres) / width) ** 2) ** -4.0
    else:
        places = np.geomspace(27.5, 4186.0, 84)[:, None] * n_fft / SAMPLE_RATE
        weights = np.maximum(1 - np.abs(np.arange(n_fft // 2 + 1) - places), 0)
    return weights.astype(call["dtype"])


def librosa_call(call):
    """Return a closure with librosa, set to the conventions of this package where it can be."""
    import librosa

    if call["kind"] in peer_defaults.LIBROSA:
        x = signal(call)
        return lambda: peer_defaults.LIBROSA[call["kind"]](librosa, x)
    if call["dtype"] == "float64" and call["kind"] not in ("spectrogram", "stft"):
        raise NotOffered
    x, n_fft, hop = signal(call), call["n_fft"], call["hop"]
    frames = {"n_fft": n_fft, "hop_length": hop, "window": np.hanning(n_fft).astype(x.dtype)}
    frames["pad_mode"] = "constant"

    def db(power):
        return librosa.power_to_db(power, ref=1.0, amin=10 ** (FLOOR_DB / 10), top_db=None)

    def mel(n_mels=80, **options):
        return librosa.feature.melspectrogram(
            y=x, sr=SAMPLE_RATE, n_mels=n_mels, dtype=x.dtype, **frames, **options
        )

    def power():
        spectrum = librosa.stft(x, **frames)
        return spectrum.real**2 + spectrum.imag**2

    lifter = (1 + 11 * np.sin(np.pi * np.arange(13) / 22))[:, None] / 2
    base = {("spectrogram", "linear"): power, ("spectrogram", "mel"): mel, ("one-shot", "mel"): mel}
    direct = {
        ("stft", None): lambda: librosa.stft(x, **frames),
        ("mfcc", None): lambda: librosa.feature.mfcc(S=db(mel(40, norm=None)), n_mfcc=13, norm=None) * lifter,
        ("chroma", None): lambda: librosa.feature.chroma_stft(y=x, sr=SAMPLE_RATE, tuning=0.0, **frames),
        ("spectrogram", "cqt"): lambda: np.abs(
            librosa.cqt(x, sr=SAMPLE_RATE, hop_length=hop, fmin=CQT[2], n_bins=CQT[0] * CQT[1])
        ),
    }
    key = (call["kind"], call.get("scale"))
    if key in direct:
        return direct[key]
    if key not in base:
        raise NotOffered
    return (lambda: db(base[key]())) if call["amplitude"] == "db" else base[key]


def torch_call(call):
    """Return a closure with torch.stft on one thread."""
    if call["kind"] != "stft":
        raise NotOffered
    import torch

    torch.set_num_threads(1)
    x = torch.from_numpy(signal(call))
    window = torch.from_numpy(np.hanning(call["n_fft"]).astype(call["dtype"]))
    return lambda: torch.stft(
        x, call["n_fft"], call["hop"], window=window, center=True, pad_mode="constant", return_complex=True
    ).numpy()


def r2c_call(call):
    """Return a closure with FFTW's real transform of all the frames and nothing else.

    No window, no power, no copying: one plan with MEASURE over as many rows as fit in half of a 32 KiB L1
    cache, executed over and over on the same two buffers. Python's cost per execution cannot be avoided from
    here; `overhead` is what executing a transform of two points costs, to be taken off.
    """
    import pyfftw

    if call["kind"] not in ("spectrogram", "one-shot", "stft"):
        raise NotOffered
    n_fft, dtype = call["n_fft"], call["dtype"]
    real = np.dtype(dtype)
    rows = max(1, 16384 // (2 * n_fft * real.itemsize))
    n_frames = (call.get("n_samples") or call["n_frames"] * call["hop"]) // call["hop"] + 1

    def plan(rows, n):
        data = pyfftw.empty_aligned((rows, n), real, n=64)
        out = pyfftw.empty_aligned(
            (rows, n // 2 + 1), "complex64" if real.itemsize == 4 else "complex128", n=64
        )
        transform = pyfftw.FFTW(data, out, axes=(1,), flags=("FFTW_MEASURE",), threads=1)
        data[:] = np.random.default_rng(3).random((rows, n)) - 0.5
        return transform.execute

    execute, empty = plan(rows, n_fft), plan(1, 2)
    repeats = range(round(n_frames / rows))

    def compute():
        for _ in repeats:
            execute()

    def overhead():
        for _ in repeats:
            empty()

    compute.overhead = overhead
    compute.scale = n_frames / (len(repeats) * rows)
    return compute
