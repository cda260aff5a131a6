"""One call of the public API per recorded case.

The recorder runs these against the reference, the tests against this package: `sg` is the module under test,
`case` a dict of plain values. Each runner returns its results as {name: array-like}.
"""

import numpy as np

from .signals import coefficients, complex_noise, image, signal

SCALES = ("linear", "mel", "erb", "loghz", "cqt")
AMPLITUDES = ("power", "magnitude", "db")

# Outputs that are axes or scalars: a handful of values is enough.
AXES = {"frequencies", "times", "db_range", "duration", "frequency_range"}


def window(sg, spec, n):
    """Return the WindowType described by `spec`, e.g. ["kaiser", 2.0]."""
    name, *args = spec
    if name == "custom":
        return sg.WindowType.custom(coefficients(n), *args)
    member = getattr(sg.WindowType, name)
    return member(*args) if args else member


def samples(case):
    """Return the signal of `case`; ``case["bad"]`` plants a NaN or inf."""
    x = signal(*case["signal"])
    if "bad" in case:
        x[len(x) // 2] = float(case["bad"])
    return x


def stft_params(sg, case):
    return sg.StftParams(
        case["n_fft"], case["hop"], window(sg, case["window"], case["n_fft"]), case["centre"]
    )


def spectrogram_params(sg, case):
    return sg.SpectrogramParams(stft_params(sg, case), case["sample_rate"])


def scale_params(sg, case):
    """Return the parameter object of the scale as a list of zero or one."""
    classes = {"mel": "MelParams", "erb": "ErbParams", "loghz": "LogHzParams", "cqt": "CqtParams"}
    if case["scale"] == "linear":
        return []
    return [getattr(sg, classes[case["scale"]])(*case["filter"])]


def run_spectrogram(sg, case, amplitude=None, dtype=None):
    """Compute one spectrogram with the one-shot function and, where asked, single frames with a plan."""
    amplitude = amplitude or case["amplitude"]
    dtype = dtype or case["dtype"]
    kind = f"{case['scale']}_{amplitude}"
    params = [spectrogram_params(sg, case), *scale_params(sg, case)]
    db = [sg.LogParams(case["floor"])] if amplitude == "db" else []
    x = samples(case)
    result = getattr(sg, f"compute_{kind}_spectrogram")(x, *params, *db, dtype=dtype)
    outputs = {
        "data": result.data,
        "frequencies": result.frequencies,
        "times": result.times,
        "db_range": result.db_range(),
        "duration": result.duration(),
        "frequency_range": result.frequency_range(),
    }
    if "frames" in case:
        plan = getattr(sg.SpectrogramPlanner(), f"{kind}_plan")(*params, *db, dtype=dtype)
        outputs["frames"] = np.stack([plan.compute_frame(x, i) for i in case["frames"]], axis=1)
        outputs["output_shape"] = [plan.output_shape(n) for n in case["lengths"]]
    return outputs


def run_window(sg, case):
    name, *args = case["window"]
    if name == "custom":  # its coefficients are seen through the spectrum of a constant
        params = sg.StftParams(case["n"], case["n"], window(sg, case["window"], case["n"]), False)
        result = sg.compute_stft(np.ones(case["n"]), sg.SpectrogramParams(params, 8000.0), case["dtype"])
        return {"data": result.data}
    return {"data": getattr(sg.WindowType, f"make_{name}")(case["n"], *args, dtype=case["dtype"])}


def run_stft(sg, case):
    result = sg.compute_stft(samples(case), spectrogram_params(sg, case), case["dtype"])
    return {
        "data": result.data,
        "norm": result.norm(),
        "frequencies": result.frequencies,
        "resolution": [result.sample_rate, result.frequency_resolution, result.time_resolution],
    }


def run_istft(sg, case):
    n_fft, seed = case["n_fft"], case["seed"]
    matrix = complex_noise(n_fft // 2 + 1, case["n_frames"], seed, n_fft)
    w = window(sg, case["window"], n_fft)
    return {"data": sg.compute_istft(matrix, n_fft, case["hop"], w, case["centre"], case["dtype"])}


def run_mfcc(sg, case):
    params = sg.MfccParams(case["n_mfcc"])
    result = sg.compute_mfcc(
        samples(case), stft_params(sg, case), case["sample_rate"], case["n_mels"], params, case["dtype"]
    )
    return {"data": result.data}


def run_chroma(sg, case):
    params = sg.ChromaParams(*case["chroma"])
    result = sg.compute_chromagram(
        samples(case), stft_params(sg, case), case["sample_rate"], params, case["dtype"]
    )
    return {"data": result.data}


def run_fft1d(sg, case):
    name, n, dtype = case["function"], case.get("n_fft"), case["dtype"]
    if name in ("fftfreq", "rfftfreq"):
        return {"data": getattr(sg, name)(n, case["d"], dtype=dtype)}
    if name in ("fftshift_1d", "ifftshift_1d"):
        return {"data": getattr(sg, name)(samples(case), dtype=dtype)}
    if name == "compute_irfft":
        spectrum = complex_noise(n // 2 + 1, 1, case["seed"], n)[:, 0]
        return {"data": sg.compute_irfft(spectrum, n, dtype=dtype)}
    if name in ("compute_power_spectrum", "compute_magnitude_spectrum"):
        w = window(sg, case["window"], n) if case["window"] else None
        return {"data": getattr(sg, name)(samples(case), n, w, dtype=dtype)}
    return {"data": getattr(sg, name)(samples(case), n, dtype=dtype)}


def run_image(sg, case):
    name, dtype = case["function"], case["dtype"]
    if name == "gaussian_kernel_2d":
        return {"data": sg.gaussian_kernel_2d(*case["args"], dtype=dtype)}
    rows, columns = case["shape"]
    if name == "ifft2d":  # a spectrum without Hermitian symmetry: it must be made real in a defined way
        data = complex_noise(rows, columns // 2 + 1, case["seed"], 1)
        args = [data, columns]
    elif name == "convolve_fft":
        args = [image(rows, columns, case["seed"]), image(*case["kernel"], case["seed"] + 1)]
    else:
        args = [image(rows, columns, case["seed"]), *case.get("args", [])]
    if case.get("planner"):
        return {"data": getattr(sg.Fft2dPlanner(dtype), name)(*args)}
    return {"data": getattr(sg, name)(*args, dtype=dtype)}


def mdct_params(sg, case):
    size = case["window_size"]
    if case["window"] == "sine":
        return sg.MdctParams.sine_window(size)
    return sg.MdctParams(size, case["hop"], window(sg, case["window"], size))


def run_mdct(sg, case):
    params = mdct_params(sg, case)
    n_frames = case["n_frames"]
    table = image(params.n_coefficients, n_frames, 5)
    return {
        "size": [params.window_size, params.hop_size, params.n_coefficients],
        "mdct": sg.mdct(samples(case), params, dtype=case["dtype"]),
        "imdct": sg.imdct(table, params, case["original_length"], dtype=case["dtype"]),
    }


def stereo(case):
    """Return [left, right]: the right channel is delayed, attenuated and has noise of its own."""
    x = samples(case)
    delay = case["delay"]
    right = np.concatenate([np.zeros(delay), x[: len(x) - delay]])
    return [x, case["gain"] * right + 0.05 * signal("noise", len(x), case["signal"][2] + 7)]


def binaural_params(sg, case, centre=None):
    cls = getattr(sg, f"{case['cue'].upper()}SpectrogramParams")
    return cls(spectrogram_params(sg, case), *case["band"], *case.get("extra", []))


def run_binaural(sg, case):
    params = binaural_params(sg, case)
    result = getattr(sg, f"compute_{case['cue']}_spectrogram")(stereo(case), params, dtype=case["dtype"])
    outputs = {
        "data": result.data,
        "frequencies": result.frequencies,
        "times": result.times,
        "duration": result.duration(),
        "frequency_range": result.frequency_range(),
    }
    for i, options in enumerate(case["histograms"]):
        keyword = {"itd": "delay_range", "ipd": "phase_range", "ild": "db_range", "ilr": "ratio_range"}[
            case["cue"]
        ]
        options = {keyword if key == "range" else key: value for key, value in options.items()}
        if keyword in options:
            options[keyword] = tuple(options[keyword])
        outputs[f"histogram{i}"] = result.histogram(**options)
    return outputs


def run_binaural_diff(sg, case):
    params = binaural_params(sg, case)
    reference = stereo(case)
    test = stereo(case | {"delay": case["delay"] + 2, "gain": 0.8 * case["gain"]})
    frames, *scalars = getattr(sg, f"compute_{case['cue']}_spectrogram_diff")(
        reference, test, params, dtype=case["dtype"]
    )
    return {"data": frames, "scalars": scalars}
