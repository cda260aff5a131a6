"""The public surface of the reference: names, attributes, parameters, plain values and errors.

The tables hold Python expressions. The recorder evaluates them against the reference and writes what it saw
to ``surface.json``; the tests evaluate the same expressions against this package.
"""

import inspect
import json
from types import CodeType

import numpy as np

from .signals import noise

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

# (expression, whether the message must begin as the reference's, class when ours differs on purpose)
ERRORS = [
    # argument conversion
    ("sg.StftParams(64.0, 16, H)", True, None),
    ("sg.StftParams(-64, 16, H)", True, None),
    ("sg.StftParams(64, -1, H)", True, None),
    ("sg.StftParams(2**65, 16, H)", True, None),
    ("sg.StftParams(0, 16, H)", True, None),
    ("sg.StftParams(64, 0, H)", True, None),
    ("sg.StftParams(64, 16, H, 1)", True, None),
    ("sg.StftParams(64, 16, H, None)", True, None),
    ("sg.StftParams(64, 16)", True, None),
    ("sg.LogParams()", True, None),
    ("sg.LogParams('a')", True, None),
    ("sg.LogParams(None)", True, None),
    ("sg.SpectrogramParams(p, 8000.0)", True, None),
    ("sg.compute_stft(x, sp)", False, None),
    ("sg.compute_linear_power_spectrogram(x, p, nonsense=1)", True, None),
    ("sg.compute_mel_power_spectrogram(x, p, sg.ErbParams(4, 0, 100))", False, None),
    ("sg.compute_mel_power_spectrogram(x, p)", True, None),
    # dtype
    ("sg.compute_stft(x, p, 'float16')", True, None),
    ("sg.compute_linear_power_spectrogram(x, p, dtype='Float32')", True, None),
    ("sg.fft2d(image, '')", True, None),
    ("sg.Fft2dPlanner('complex64')", True, None),
    ("sg.fftfreq(4, 1.0, 3)", False, None),
    # samples
    ("sg.compute_linear_power_spectrogram([], p)", True, None),
    ("sg.compute_stft(np.zeros(0), p)", True, None),
    ("sg.compute_mfcc([], sp, 8000.0, 20, sg.MfccParams())", True, None),
    ("plan.compute([])", True, None),
    ("sg.compute_linear_power_spectrogram(np.ones((1, 100)), p)", False, None),
    ("sg.compute_stft(np.ones((100, 1)), p)", False, None),
    ("sg.compute_stft('abc', p)", False, None),
    ("sg.compute_stft([[1.0], [1.0, 2.0]], p)", False, None),
    ("plan.compute(None)", False, "TypeError"),
    # windows
    ("sg.WindowType()", False, None),
    ("sg.WindowType.make_hanning(0)", True, None),
    ("sg.WindowType.make_hanning(-1)", True, None),
    ("sg.WindowType.custom(np.zeros(0))", True, None),
    ("sg.WindowType.custom(np.array([1.0, np.nan]))", True, None),
    ("sg.WindowType.custom(np.array([1.0, -1.0]), 'sum')", True, None),
    ("sg.WindowType.custom(np.zeros(3), 'peak')", True, None),
    ("sg.WindowType.custom(np.zeros(3), 'energy')", True, None),
    ("sg.WindowType.custom(np.ones(3), 'x')", True, None),
    ("sg.WindowType.custom(np.ones(3), 1)", True, None),
    ("sg.StftParams(4, 2, sg.WindowType.custom(np.ones(5)))", True, None),
    (
        "sg.compute_istft(np.ones((33, 3)), 64, 16, sg.WindowType.custom(np.ones(5)))",
        False,
        "InvalidInputError",
    ),
    ("sg.compute_power_spectrum(x, 1024, sg.WindowType.custom(np.ones(5)))", False, "InvalidInputError"),
    ("sg.compute_magnitude_spectrum(x, 1024, sg.WindowType.custom(np.ones(5)))", False, "InvalidInputError"),
    # parameters
    ("sg.StftParams(64, 65, H)", True, None),
    ("sg.LogParams(float('nan'))", True, None),
    ("sg.LogParams(float('inf'))", True, None),
    ("sg.SpectrogramParams(sp, 0.0)", True, None),
    ("sg.SpectrogramParams(sp, float('nan'))", True, None),
    ("sg.SpectrogramParams.speech_default(-1.0)", True, None),
    ("sg.MelParams(0, 0.0, 100.0)", True, None),
    ("sg.MelParams(10, -1.0, 100.0)", True, None),
    ("sg.MelParams(10, 100.0, 100.0)", True, None),
    ("sg.MelParams(10, 0.0, 100.0, 'x')", True, None),
    ("sg.MelParams(10, 0.0, 100.0, 3)", True, None),
    ("sg.compute_mel_power_spectrogram(x, p, sg.MelParams(10001, 0.0, 100.0))", True, None),
    ("sg.ErbParams(0, 0.0, 100.0)", True, None),
    ("sg.ErbParams(1, 0.0, 100.0)", True, None),
    ("sg.ErbParams(4, -1.0, 100.0)", True, None),
    ("sg.ErbParams(4, float('nan'), 100.0)", False, "InvalidInputError"),
    ("sg.ErbParams(4, 100.0, 50.0)", True, None),
    ("sg.compute_erb_power_spectrogram(x, p, sg.ErbParams(10001, 0.0, 100.0))", True, None),
    ("sg.LogHzParams(0, 1.0, 100.0)", True, None),
    ("sg.LogHzParams(4, 0.0, 100.0)", True, None),
    ("sg.LogHzParams(4, 100.0, 50.0)", True, None),
    ("sg.compute_loghz_power_spectrogram(x, p, sg.LogHzParams(10001, 1.0, 100.0))", True, None),
    ("sg.CqtParams(0, 1, 100.0)", True, None),
    ("sg.CqtParams(12, 0, 100.0)", True, None),
    ("sg.CqtParams(12, 1, 0.0)", True, None),
    ("sg.ChromaParams(0.0)", True, None),
    ("sg.ChromaParams(440.0, 0.0)", True, None),
    ("sg.ChromaParams(440.0, 100.0, 50.0)", True, None),
    ("sg.ChromaParams(norm=3)", False, None),
    ("sg.MfccParams(0)", True, None),
    ("sg.MelParams(10, float('nan'), 100.0)", False, "InvalidInputError"),
    ("sg.ErbParams(10, 0.0, float('nan'))", False, "InvalidInputError"),
    ("sg.LogHzParams(10, 1.0, float('nan'))", False, "InvalidInputError"),
    ("setattr(sp, 'n_fft', 3)", False, None),
    # checks against the sample rate
    ("sg.compute_mel_power_spectrogram(x, p, sg.MelParams(10, 0.0, 4001.0))", True, None),
    ("sg.SpectrogramPlanner().mel_db_plan(p, sg.MelParams(10, 0.0, 4001.0), db)", True, None),
    ("sg.compute_erb_power_spectrogram(x, p, sg.ErbParams(10, 0.0, 4001.0))", True, None),
    ("sg.compute_loghz_db_spectrogram(x, p, sg.LogHzParams(10, 1.0, 4001.5), db)", True, None),
    ("sg.SpectrogramPlanner().erb_power_plan(p, sg.ErbParams(10, 0.0, 4001.0))", True, None),
    ("sg.compute_cqt_power_spectrogram(x, p, sg.CqtParams(1, 2, 2000.0))", True, None),
    ("sg.SpectrogramPlanner().cqt_power_plan(p, sg.CqtParams(1, 2, 2000.0))", True, None),
    # plans
    ("sg.LinearPowerPlan()", False, None),
    ("plan.output_shape(0)", True, None),
    ("plan.output_shape(-1)", True, None),
    ("plan.output_shape(1.5)", True, None),
    ("plan.compute_frame(x, -1)", True, None),
    ("plan.compute_frame(x, 2**63)", True, None),
    ("plan.compute_frame(x, 2**64)", True, None),
    ("plan.output_shape(2**64)", True, None),
    # stft and istft
    ("sg.compute_istft(np.ones((32, 3)), 64, 16, H)", True, None),
    ("sg.compute_istft(np.ones(33), 64, 16, H)", False, None),
    ("sg.compute_istft(np.ones((33, 3)), 0, 16, H)", True, None),
    ("sg.compute_istft(np.ones((33, 3)), 64, 0, H)", True, None),
    ("sg.compute_istft(np.ones((33, 3)), 64, 65, H)", True, None),
    ("sg.compute_istft(np.ones((33, 3)), 64, 16, H, 1)", True, None),
    ("sg.compute_istft(np.ones((33, 3)), 64, 16, H, dtype='x')", True, None),
    ("sg.compute_istft(np.ones((33, 0)), 64, 16, H)", False, "InvalidInputError"),
    ("sg.compute_istft(np.ones((33, 3)) * 1j, 64, 16, H)", False, "no error"),
    # features
    ("sg.compute_mfcc(x, sp, 8000.0, 0, sg.MfccParams())", True, None),
    ("sg.compute_mfcc(x, sp, 8000.0, 10, sg.MfccParams(11))", True, None),
    ("sg.compute_mfcc(x, sp, 0.0, 10, sg.MfccParams(5))", True, None),
    ("sg.compute_chromagram(x, sp, -1.0, sg.ChromaParams())", True, None),
    ("sg.compute_chromagram([], sp, 8000.0, sg.ChromaParams())", True, None),
    # 1-D transforms
    ("sg.compute_fft(x, 64)", True, None),
    ("sg.compute_rfft(np.ones(4000), 64)", True, None),
    ("sg.compute_fft(x, 0)", True, None),
    ("sg.compute_fft([])", True, None),
    ("sg.compute_fft([], 8)", True, None),
    ("sg.compute_power_spectrum(x, 64)", True, None),
    ("sg.compute_power_spectrum(x, 0)", True, None),
    ("sg.compute_irfft(np.ones(32), 64)", True, None),
    ("sg.compute_irfft(np.ones(33), 0)", True, None),
    ("sg.compute_irfft(np.ones(33) * 1j, 64)", False, "no error"),
    # images
    ("sg.fft2d(np.ones((0, 4)))", True, None),
    ("sg.fft2d(x)", False, None),
    ("sg.ifft2d(np.ones((8, 5)), 0)", True, None),
    ("sg.ifft2d(np.ones((8, 5)), 12)", True, None),
    ("sg.gaussian_kernel_2d(0, 1.0)", True, None),
    ("sg.gaussian_kernel_2d(4, 1.0)", True, None),
    ("sg.gaussian_kernel_2d(3, 0.0)", True, None),
    ("sg.gaussian_kernel_2d(3, float('inf'))", False, "InvalidInputError"),
    ("sg.convolve_fft(image, np.ones((9, 3)))", True, None),
    ("sg.convolve_fft(image, np.ones((0, 3)))", True, None),
    ("sg.lowpass_filter(image, 1.5)", True, None),
    ("sg.highpass_filter(image, -0.5)", True, None),
    ("sg.lowpass_filter(image, float('nan'))", True, None),
    ("sg.bandpass_filter(image, 0.5, 0.5)", True, None),
    ("sg.bandpass_filter(image, 0.5, 1.5)", True, None),
    ("sg.detect_edges_fft(np.ones((0, 3)))", True, None),
    ("sg.sharpen_fft(image, -1.0)", True, None),
    # MDCT
    ("sg.MdctParams(0, 4, H)", True, None),
    ("sg.MdctParams(8, 0, H)", True, None),
    ("sg.MdctParams(7, 4, H)", True, None),
    ("sg.MdctParams(2, 1, H)", True, None),
    ("sg.MdctParams(8, 4, sg.WindowType.custom(np.ones(5)))", False, "InvalidInputError"),
    ("sg.mdct(np.ones(10), mp)", True, None),
    ("sg.imdct(np.ones((3, 4)), mp)", True, None),
    # binaural
    ("sg.compute_itd_spectrogram([x], sg.ITDSpectrogramParams(p, 300.0, 3000.0))", True, None),
    ("sg.compute_itd_spectrogram([x, x, x], sg.ITDSpectrogramParams(p, 300.0, 3000.0))", True, None),
    ("sg.compute_ild_spectrogram([[], x], sg.ILDSpectrogramParams(p, 300.0, 3000.0))", True, None),
    ("sg.compute_ild_spectrogram([x, []], sg.ILDSpectrogramParams(p, 300.0, 3000.0))", True, None),
    ("sg.compute_itd_spectrogram([x, x], sg.ILDSpectrogramParams(p, 300.0, 3000.0))", True, None),
    ("sg.IPDSpectrogramParams(p, 0.0, 600.0)", True, None),
    ("sg.IPDSpectrogramParams(p, 600.0, 600.0)", True, None),
    ("sg.ILDSpectrogramParams(p, 600.0, 4001.0)", True, None),
    ("sg.ILRSpectrogramParams(p, -1.0, 600.0)", True, None),
    ("sg.ITDSpectrogramParams(p, magphase_power=-1)", True, None),
    ("sg.compute_itd_spectrogram({}, sg.ITDSpectrogramParams(p, 300.0, 3000.0))", True, None),
    ("sg.compute_ilr_spectrogram({1.0, 2.0}, sg.ILRSpectrogramParams(p, 300.0, 3000.0))", True, None),
    *(
        (
            f"sg.compute_ild_spectrogram([x, x], {BINAURAL['ild']}).histogram({given})",
            same,
            None,
        )
        for given, same in (
            ("''", True),
            ("[]", True),
            ("np.ones(3)", True),
            ("10, ()", True),
            ("10, (1, 2, 3)", True),
            ("10, 5", False),
            ("10, (0, 1), 2**31", False),
        )
    ),
    # what has no hash
    ("sg.compute_stft(x, p, memoryview(x))", False, None),
    ("sg.compute_mfcc(x, memoryview(x), 8000.0, 20, sg.MfccParams())", True, None),
    ("sg.compute_mfcc(x, sp, 8000.0, [20], sg.MfccParams())", True, None),
    ("sg.compute_mfcc(x, sp, 8000.0, np.array(3), sg.MfccParams())", True, None),
    ("sg.compute_chromagram(x, sp, 8000.0, memoryview(x))", True, None),
]

# Bad values the reference accepts.
CORRECTED_ERRORS = [
    ("sg.ITDSpectrogramParams(p, 0.0, 600.0)", "ValueError"),
    ("sg.ITDSpectrogramParams(p, 600.0, 600.0)", "ValueError"),
    ("sg.ITDSpectrogramParams(p, 600.0, 4001.0)", "ValueError"),
    ("sg.compute_stft(x, sg.SpectrogramParams(sg.StftParams(2**50, 16, H), 8000.0))", "MemoryError"),
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
