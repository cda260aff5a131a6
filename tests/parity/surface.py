"""The public surface of the reference: names, attributes, parameters, plain values and errors.

The tables hold Python expressions. The recorder evaluates them against the reference and writes what it saw
to ``surface.json``; the tests evaluate the same expressions against this package.
"""

import inspect
import json
from types import CodeType

import numpy as np

from .signals import noise
from .surface_errors import ERRORS

# Callable -> its parameters in order, each with a valid argument.
ONE_SHOT = {"samples": "x", "params": "p"}
FILTERS = {
    "mel": ("filter_params", "sg.MelParams(10, 100.0, 4000.0)", "mel_params"),
    "erb": ("filter_params", "sg.ErbParams(8, 100.0, 4000.0)", "erb_params"),
    "loghz": ("filter_params", "sg.LogHzParams(12, 100.0, 4000.0)", "loghz_params"),
    "cqt": ("cqt", "sg.CqtParams(6, 3, 300.0)", "cqt_params"),
}
BINAURAL = {
    cue: f"sg.{cue.upper()}SpectrogramParams(p, 300.0, 3000.0)" for cue in ("itd", "ipd", "ild", "ilr")
}
DTYPE = {"dtype": "'float64'"}
NUMBER = {"start_freq": "300.0", "end_freq": "3000.0"}


def calls():
    """Return {expression of a callable: {parameter: argument expression}}."""
    table = {
        "sg.StftParams": {"n_fft": "64", "hop_size": "16", "window": "H", "centre": "True"},
        "sg.LogParams": {"floor_db": "-80.0"},
        "sg.SpectrogramParams": {"stft": "sp", "sample_rate": "8000.0"},
        "sg.MelParams": {"n_mels": "10", "f_min": "0.0", "f_max": "4000.0", "norm": "'slaney'"},
        "sg.ErbParams": {"n_filters": "10", "f_min": "0.0", "f_max": "4000.0"},
        "sg.LogHzParams": {"n_bins": "10", "f_min": "10.0", "f_max": "4000.0"},
        "sg.CqtParams": {"bins_per_octave": "12", "n_octaves": "2", "f_min": "100.0"},
        "sg.ChromaParams": {"tuning": "440.0", "f_min": "32.7", "f_max": "4186.0", "norm": "None"},
        "sg.MfccParams": {"n_mfcc": "13"},
        "sg.MdctParams": {"window_size": "64", "hop_size": "32", "window": "H"},
        "sg.MdctParams.sine_window": {"window_size": "64"},
        "sg.SpectrogramParams.speech_default": {"sample_rate": "16000.0"},
        "sg.SpectrogramParams.music_default": {"sample_rate": "44100.0"},
        "sg.ChromaParams.music_standard": {},
        "sg.MfccParams.speech_standard": {},
        "sg.WindowType.kaiser": {"beta": "2.0"},
        "sg.WindowType.gaussian": {"std": "2.0"},
        "sg.WindowType.custom": {"coefficients": "np.ones(4)", "normalize": "'sum'"},
        "sg.WindowType.make_kaiser": {"n": "8", "beta": "2.0"} | DTYPE,
        "sg.WindowType.make_gaussian": {"n": "8", "std": "2.0"} | DTYPE,
        "sg.compute_stft": ONE_SHOT | DTYPE,
        "sg.compute_istft": {
            "stft_matrix": "np.ones((33, 4))",
            "n_fft": "64",
            "hop_size": "16",
            "window": "H",
            "center": "True",
        }
        | DTYPE,
        "sg.compute_chromagram": {
            "samples": "x",
            "stft_params": "sp",
            "sample_rate": "8000.0",
            "chroma_params": "sg.ChromaParams()",
        }
        | DTYPE,
        "sg.compute_mfcc": {
            "samples": "x",
            "stft_params": "sp",
            "sample_rate": "8000.0",
            "n_mels": "20",
            "mfcc_params": "sg.MfccParams()",
        }
        | DTYPE,
        "sg.compute_fft": {"samples": "x", "n_fft": "1024"} | DTYPE,
        "sg.compute_rfft": {"samples": "x", "n_fft": "1024"} | DTYPE,
        "sg.compute_irfft": {"spectrum": "np.ones(33)", "n_fft": "64"} | DTYPE,
        "sg.compute_power_spectrum": {"samples": "x", "n_fft": "1024", "window": "H"} | DTYPE,
        "sg.compute_magnitude_spectrum": {"samples": "x", "n_fft": "1024", "window": "H"} | DTYPE,
        "sg.fftfreq": {"n": "8", "d": "0.5"} | DTYPE,
        "sg.rfftfreq": {"n": "8", "d": "0.5"} | DTYPE,
        "sg.fftshift_1d": {"arr": "x"} | DTYPE,
        "sg.ifftshift_1d": {"arr": "x"} | DTYPE,
        "sg.fft_plan_cache_info": {},
        "sg.clear_fft_plan_cache": {},
        "sg.fft2d": {"data": "image"} | DTYPE,
        "sg.ifft2d": {"spectrum": "np.ones((8, 5))", "output_ncols": "8"} | DTYPE,
        "sg.power_spectrum_2d": {"data": "image"} | DTYPE,
        "sg.magnitude_spectrum_2d": {"data": "image"} | DTYPE,
        "sg.fftshift": {"arr": "image"} | DTYPE,
        "sg.ifftshift": {"arr": "image"} | DTYPE,
        "sg.Fft2dPlanner": DTYPE,
        "sg.Fft2dPlanner().fft2d": {"data": "image"},
        "sg.Fft2dPlanner().ifft2d": {"spectrum": "np.ones((8, 5))", "output_ncols": "8"},
        "sg.Fft2dPlanner().power_spectrum_2d": {"data": "image"},
        "sg.Fft2dPlanner().magnitude_spectrum_2d": {"data": "image"},
        "sg.gaussian_kernel_2d": {"size": "3", "sigma": "1.0"} | DTYPE,
        "sg.convolve_fft": {"image": "image", "kernel": "np.ones((3, 3))"} | DTYPE,
        "sg.lowpass_filter": {"image": "image", "cutoff_fraction": "0.5"} | DTYPE,
        "sg.highpass_filter": {"image": "image", "cutoff_fraction": "0.5"} | DTYPE,
        "sg.bandpass_filter": {"image": "image", "low_cutoff": "0.2", "high_cutoff": "0.5"} | DTYPE,
        "sg.detect_edges_fft": {"image": "image"} | DTYPE,
        "sg.sharpen_fft": {"image": "image", "amount": "1.0"} | DTYPE,
        "sg.mdct": {"samples": "x", "params": "mp"} | DTYPE,
        "sg.imdct": {"coefficients": "np.ones((32, 3))", "params": "mp", "original_length": "50"} | DTYPE,
        "sg.ITDSpectrogramParams": {"spectrogram_params": "p"} | NUMBER | {"magphase_power": "1"},
        "sg.IPDSpectrogramParams": {"spectrogram_params": "p"} | NUMBER | {"wrapped": "True"},
        "sg.ILDSpectrogramParams": {"spectrogram_params": "p"} | NUMBER,
        "sg.ILRSpectrogramParams": {"spectrogram_params": "p"} | NUMBER,
        "sg.SpectrogramPlanner": {},
        "sg.SpectrogramPlanner().linear_power_plan": {"params": "p"} | DTYPE,
        "sg.SpectrogramPlanner().linear_magnitude_plan": {"params": "p"} | DTYPE,
        "sg.SpectrogramPlanner().linear_db_plan": {"params": "p", "db_params": "db"} | DTYPE,
        "plan.compute": {"samples": "x"},
        "plan.compute_frame": {"samples": "x", "frame_idx": "3"},
        "plan.output_shape": {"signal_length": "1000"},
        "spec.astype": {"dtype": "'float32'"},
    }
    for name in ("hanning", "hamming", "blackman"):
        table[f"sg.WindowType.make_{name}"] = {"n": "8"} | DTYPE
    for amplitude in ("power", "magnitude", "db"):
        kind = f"sg.compute_linear_{amplitude}_spectrogram"
        table[kind] = ONE_SHOT | {"db_params": "db" if amplitude == "db" else "None"} | DTYPE
        for scale, (keyword, argument, plan_keyword) in FILTERS.items():
            db = {"db": "db" if amplitude == "db" else "None"}
            table[f"sg.compute_{scale}_{amplitude}_spectrogram"] = ONE_SHOT | {keyword: argument} | db | DTYPE
            db = {"db_params": "db"} if amplitude == "db" else {}
            planner = f"sg.SpectrogramPlanner().{scale}_{amplitude}_plan"
            table[planner] = {"params": "p", plan_keyword: argument} | db | DTYPE
    ranges = {"itd": "delay_range", "ipd": "phase_range", "ild": "db_range", "ilr": "ratio_range"}
    for cue, params in BINAURAL.items():
        table[f"sg.compute_{cue}_spectrogram"] = {"audio": "[x, x]", "params": params} | DTYPE
        exponent = {"exponent": "2"} if cue in ("ild", "ilr") else {}
        table[f"sg.compute_{cue}_spectrogram([x, x[::-1]], {params}).histogram"] = (
            {"num_bins": "10", ranges[cue]: "(-1.0, 1.0)"}
            | exponent
            | {"energy_weighted": "False", "normalize": "True"}
        )
    for cue in ("itd", "ilr"):
        table[f"sg.compute_{cue}_spectrogram_diff"] = {
            "reference": "[x, x]",
            "test": "[x, x[::-1]]",
            "params": BINAURAL[cue],
        } | DTYPE
    return table


# Expressions whose plain value (number, text, list) is the same.
VALUES = [
    "repr(sg.WindowType.rectangular)",
    "repr(H)",
    "repr(sg.WindowType.hamming)",
    "repr(sg.WindowType.blackman)",
    "repr(sg.WindowType.kaiser(8.6))",
    "repr(sg.WindowType.gaussian(1e-7))",
    "repr(sg.WindowType.custom(np.ones(8)))",
    "repr(sp)",
    "repr(sg.StftParams(512, 160, sg.WindowType.kaiser(5), False))",
    "repr(p)",
    "repr(db)",
    "repr(sg.LogParams(1e20))",
    "repr(sg.MelParams(40, 0, 8000))",
    "repr(sg.MelParams(40, 0.1, 8000, 'Slaney'))",
    "repr(sg.ErbParams(40, 0, 8000))",
    "repr(sg.LogHzParams(84, 27.5, 4186))",
    "repr(sg.CqtParams(12, 7, 32.7))",
    "repr(sg.MfccParams())",
    "repr(sg.MdctParams(64, 100, H))",
    "repr(sg.compute_linear_power_spectrogram(x, p))",
    "repr(sg.compute_mfcc(x, sp, 8000.0, 20, sg.MfccParams()))",
    "repr(sg.compute_chromagram(x, sp, 8000.0, sg.ChromaParams(), dtype='f32'))",
    "repr(sg.compute_stft(x, p))",
    "repr(sg.compute_itd_spectrogram([x, x], sg.ITDSpectrogramParams(p, 300.0, 3000.0)))",
    "[sp.n_fft, sp.hop_size, sp.centre]",
    "[p.sample_rate, p.stft.n_fft]",
    "sg.CqtParams(12, 7, 32.7).num_bins",
    "sg.MfccParams().n_mfcc",
    "sg.MfccParams.speech_standard().n_mfcc",
    "[getattr(sg.ChromaParams(), a) for a in ('tuning', 'f_min', 'f_max')]",
    "[getattr(sg.ChromaParams.music_standard(), a) for a in ('tuning', 'f_min', 'f_max')]",
    "repr(sg.SpectrogramParams.speech_default(16000.0).stft)",
    "repr(sg.SpectrogramParams.music_default(44100).stft)",
    "[int(m) for m in (sg.MelNorm.none, sg.MelNorm.slaney, sg.MelNorm.l1, sg.MelNorm.l2)]",
    "[str(m) for m in (sg.MelNorm.none, sg.MelNorm.Slaney, sg.MelNorm.L1, getattr(sg.MelNorm, 'None'))]",
    "sg.MelParams(40, 0, 8000, norm='L2').norm is sg.MelNorm.l2",
    "sg.MelParams(40, 0, 8000).norm is sg.MelNorm.none",
    "sg.Chromagram.labels",
    "[plan.dtype, spec.dtype, sg.compute_stft(x, p, 'f32').dtype]",
    "[type(plan).__name__, plan.output_shape(1000), plan.output_shape(1)]",
    "[type(sg.SpectrogramPlanner().linear_db_plan(p, db)).__name__]",
    "[type(sg.SpectrogramPlanner().loghz_magnitude_plan(p, sg.LogHzParams(5, 10, 100))).__name__]",
    "[spec.shape, spec.n_bins, spec.n_frames, len(spec)]",
    "[spec[0].shape, spec[1:3, ::2].shape, len(list(spec))]",
    "[spec.T.shape, spec.T.flags.f_contiguous, spec.T.base is not None, str(spec.astype('float32').dtype)]",
    "[spec.data is spec.data, spec.data.flags.c_contiguous, spec.data.flags.writeable]",
    "[spec.__dlpack_device__(), np.shares_memory(np.asarray(spec), spec.data)]",
    "[type(spec.times).__name__, type(spec.frequencies).__name__, type(spec.db_range()).__name__]",
    "[sg.compute_linear_power_spectrogram(np.zeros(100), p).db_range(), spec.duration()]",
    "[str(sg.compute_stft(x, p, d).data.dtype) for d in (None, 'f64', 'double', 'f32', 'single', 'float32')]",
    "[sg.compute_linear_power_spectrogram(s, p).shape for s in ([1, 2], (3,), 7.0, x > 0, x.astype('>f4'))]",
    "[sg.compute_istft(np.ones((33, f)), 64, 16, H, c).shape for f in (1, 2, 5) for c in (True, False)]",
    "sg.compute_istft(np.ones((33, 3)).tolist(), 64, 16, H).dtype.name",
    "[sg.compute_fft([1.0] * 10).shape, sg.compute_rfft([1.0] * 10, 16).dtype.name]",
    "[sg.mdct(np.ones(200), mp).shape, sg.imdct(np.ones((32, 3)), mp).shape]",
    "sg.imdct(np.ones((32, 3)), mp, 10**6).shape",
    "[mp.window_size, mp.hop_size, mp.n_coefficients]",
    "{name: getattr(sg, name) for name in dir(sg) if name.startswith(('DLPACK_', 'KDL'))}",
    "[getattr(sg.ITDSpectrogramParams(p), a) for a in ('start_freq', 'end_freq', 'magphase_power')]",
    "[sg.IPDSpectrogramParams(p).wrapped, sg.ILDSpectrogramParams(p, None, 4000.0).start_freq]",
    "[sg.compute_ild_spectrogram([x, x], sg.ILDSpectrogramParams(p, 300.0, 3000.0)).histogram().shape]",
    "sg.Fft2dPlanner('f32').dtype",
]


def names_in(code):
    """Return the global names used in a code object and in those inside it."""
    inner = (names_in(constant) for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*inner)


def evaluate(expression, sg):
    """Return the value of `expression`; of the short names only those it uses are made."""

    def stft_params():
        return sg.StftParams(64, 16, sg.WindowType.hanning)

    def params():
        return sg.SpectrogramParams(stft_params(), 8000.0)

    makers = {
        "sg": lambda: sg,
        "np": lambda: np,
        "x": lambda: noise(1000, 1),
        "image": lambda: noise(64, 2).reshape(8, 8),
        "H": lambda: sg.WindowType.hanning,
        "sp": stft_params,
        "p": params,
        "db": lambda: sg.LogParams(-80.0),
        "mp": lambda: sg.MdctParams(64, 32, sg.WindowType.hanning),
        "plan": lambda: sg.SpectrogramPlanner().linear_power_plan(params()),
        "spec": lambda: sg.compute_linear_power_spectrogram(noise(1000, 1), params()),
    }
    code = compile(expression, "<surface>", "eval")
    return eval(code, {name: makers[name]() for name in names_in(code) & set(makers)})


def error_of(expression, sg):
    """Return (class name, message) of the error `expression` raises, or ("no error", "")."""
    try:
        evaluate(expression, sg)
    except BaseException as error:
        public = [name for name in ("SpectrogramError", *EXCEPTIONS) if getattr(sg, name) is type(error)]
        return (public or [type(error).__name__])[0], str(error)
    return "no error", ""


EXCEPTIONS = ("InvalidInputError", "DimensionMismatchError", "FFTBackendError", "InternalError")


def public_names(obj):
    """Return the public names of a module or class, inherited ones of the builtins left out."""
    inherited = set(dir(Exception)) if inspect.isclass(obj) and issubclass(obj, BaseException) else set()
    return sorted(name for name in dir(obj) if not name.startswith("_") and name not in inherited)


def record(path):
    """Write the surface of the reference to `path`."""
    import spectrograms as sg

    for function, arguments in calls().items():
        joined = ", ".join(arguments.values())
        evaluate(f"{function}({joined})", sg)
        keywords = ", ".join(f"{key}={value}" for key, value in arguments.items())
        evaluate(f"{function}({keywords})", sg)
    names = public_names(sg)
    surface = {
        "version": sg.__version__,
        "names": names,
        "all": sorted(set(sg.__all__)),
        "attributes": {
            name: public_names(getattr(sg, name)) for name in names if inspect.isclass(getattr(sg, name))
        },
        "text_signatures": {
            name: getattr(getattr(sg, name), "__text_signature__", None)
            for name in names
            if callable(getattr(sg, name))
        },
        "values": {expression: evaluate(expression, sg) for expression in VALUES},
        "errors": {expression: error_of(expression, sg) for expression, *_ in ERRORS},
    }
    path.write_text(json.dumps(surface, indent=1) + "\n")
    print(
        f"surface: {len(names)} names, {len(calls())} callables, {len(VALUES)} values, {len(ERRORS)} errors"
    )
