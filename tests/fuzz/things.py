"""Makes an object of each public class."""

from functools import partial

import arguments
import values

import spectrograms as sg

STFT = ("sg.StftParams(64, 16, 'hann')",) * 4 + (
    "sg.StftParams(100, 30, 'hamming', False)",
    "sg.StftParams(64, 64, 'hann')",
    "sg.StftParams(33, 10, 'blackman')",
    "sg.StftParams(256, 64, 'hann', pad_mode='reflect')",
    "sg.StftParams(64, 16, 'hann', win_length=40)",
    "sg.StftParams(64, 100, 'rectangular', periodic=True)",
    "sg.StftParams(1, 1, 'rectangular')",
    "sg.StftParams(2, 1, 'hann', False)",
    "sg.StftParams(512, 160, 'hann')",
)
PARAMS = tuple(f"sg.SpectrogramParams({text}, 8000)" for text in STFT)
SCALES = {
    "MelParams": (
        "sg.MelParams(10, 0.0, 4000.0)",
        "sg.MelParams(20, 100.0, 3000.0, 'slaney', formula='htk')",
    ),
    "ErbParams": ("sg.ErbParams(8, 100.0, 4000.0)", "sg.ErbParams(8, 100.0, 3000.0, spacing='apple_tr35')"),
    "LogHzParams": ("sg.LogHzParams(12, 100.0, 4000.0)",),
    "BarkParams": ("sg.BarkParams(8, 0.0, 4000.0)", "sg.BarkParams(5, 100.0, 3000.0, formula='wang')"),
    "OctaveParams": ("sg.OctaveParams(1, 100.0, 2000.0)",),
    "LinearParams": ("sg.LinearParams(500.0, 2000.0)",),
    "CqtParams": ("sg.CqtParams(6, 3, 300.0)", "sg.CqtParams(12, 2, 400.0, align='centre')"),
}
_BINAURAL = "sg.compute_{}_spectrogram(noise(2, 1500, seed=3), sg.{}SpectrogramParams({}, 300.0, 3000.0))"
_NAMES = ("power", "magnitude", "db")
NAMES = ("rms", "zcr", "centroid", "bandwidth", "rolloff", "flatness", "crest", "entropy", "slope")

#: class -> texts that make one.
TEXTS = {
    **SCALES,
    "StftParams": STFT,
    "SpectrogramParams": PARAMS,
    "LogParams": ("sg.LogParams(-80.0)", "sg.LogParams(-60)"),
    "ChromaCqtParams": (
        "sg.ChromaCqtParams(n_octaves=4)",
        "sg.ChromaCqtParams(6, 0.1, 'l1', f_min=100.0, n_octaves=3)",
    ),
    "ChromaStftParams": ("sg.ChromaStftParams()", "sg.ChromaStftParams(24, 0.2, 'l2', base_c=False)"),
    "ContrastParams": ("sg.ContrastParams(500.0, 2)", "sg.ContrastParams(1000.0, 1, 0.2, linear=True)"),
    "ChromaParams": ("sg.ChromaParams()", "sg.ChromaParams(442.0, 100.0, 3000.0, 'max')"),
    "LfccParams": ("sg.LfccParams(5, 12)", "sg.LfccParams(8, 8, 100.0, 3000.0, dct_norm=None, lifter=5)"),
    "MfccParams": ("sg.MfccParams(5)", "sg.MfccParams(8, dct_norm='ortho', lifter=0, include_c0=False)"),
    "MdctParams": (
        "sg.MdctParams(64, 32, 'hann')",
        "sg.MdctParams.sine_window(64)",
        "sg.MdctParams(36, 10, 'hamming')",
    ),
    "ChromaNorm": ("sg.ChromaNorm.l1", "sg.ChromaNorm.none"),
    "MelNorm": ("sg.MelNorm.slaney", "sg.MelNorm.none"),
    "WindowType": (*arguments.WINDOWS[5:], "sg.WindowType.hanning"),
    **{
        f"{kind}SpectrogramParams": tuple(
            f"sg.{kind}SpectrogramParams({params}, 300.0, 3000.0)" for params in PARAMS[2:6]
        )
        for kind in ("ITD", "IPD", "ILD", "ILR")
    },
    "SpectrogramPlanner": ("sg.SpectrogramPlanner()",),
    "FftPlanner": ("sg.FftPlanner()", "sg.FftPlanner('float32')"),
    "Fft2dPlanner": ("sg.Fft2dPlanner()", "sg.Fft2dPlanner('float32')"),
    "AudioInfo": ("sg.audio_info(write(wave(), '.wav'))",),
    "Fft2dResult": (
        "sg.compute_fft2d(noise(6, 9))",
        "sg.compute_fft2d(noise(1, 8, dtype='f4'), dtype='float32')",
    ),
    **{
        f"{kind.title()}Spectrogram": tuple(
            _BINAURAL.format(kind, kind.upper(), params) for params in PARAMS[2:5]
        )
        for kind in ("itd", "ipd", "ild", "ilr")
    },
}


def _plan(draw, scale=None, amplitude=None):
    params = make(draw, "SpectrogramParams")
    prefix = scale or draw.one(("linear", "mel", "erb", "bark", "loghz", "octave", "cqt"))
    amplitude = amplitude or draw.one(_NAMES)
    wanted = {
        "mel": "MelParams",
        "erb": "ErbParams",
        "bark": "BarkParams",
        "loghz": "LogHzParams",
        "octave": "OctaveParams",
        "cqt": "CqtParams",
    }.get(prefix)
    given = [params, *([make(draw, wanted)] if wanted else [])]
    if amplitude == "db" and draw.chance(0.3):
        given.append(make(draw, "LogParams"))
    return f"sg.SpectrogramPlanner().{prefix}_{amplitude}_plan({', '.join(given)}, dtype={_dtype(draw)})"


def _dtype(draw):
    return draw.one(("'float64'", "'float32'"))


def _spectrogram_plan(draw):
    scale = draw.one((None, *SCALES))
    scale = make(draw, scale) if scale else "None"
    amplitude = draw.one(arguments.AMPLITUDES)
    return (
        f"sg.SpectrogramPlan({make(draw, 'SpectrogramParams')}, {scale}, {amplitude}, dtype={_dtype(draw)})"
    )


def _stft_and(*rest):
    def maker(draw):
        given = [
            make(draw, "StftParams"),
            "8000",
            *(make(draw, each) if each[0].isupper() else each for each in rest),
        ]
        return ", ".join([*given, _dtype(draw)])

    return maker


def frontend(draw):
    """The text of a frontend with a parameter or two that are not the default."""
    from spectrograms._frontends.toolkits.catalogue import definition_of

    name = draw.one(list(sg.frontends()))
    definition = definition_of(name)
    texts = [repr(name)]
    if definition.rate is None:
        texts.append("sample_rate=8000")
    elif not definition.fixed and draw.chance(0.3):
        texts.append(f"sample_rate={arguments.RATE(draw)}")
    if draw.chance(0.4):
        texts.append(f"precision={arguments.POOLS['precision'](draw)}")
    for key, kind in definition.parameters.items():
        if kind.required or draw.chance(0.1 + draw.wild / 4):
            texts.append(f"{key}={_parameter(draw, key, kind)}")
    return f"sg.frontend({', '.join(texts)})"


def _parameter(draw, key, kind):
    """A value for a parameter of a frontend, drawn from its default and its allowed values."""
    sane = [repr(kind.default), *map(repr, kind.words), *map(repr, getattr(kind, "options", ()))]
    whole = isinstance(kind.default, int) and not isinstance(kind.default, bool)
    if kind.required or whole:
        sane = [text for text in sane if text != "None"] + [draw.one(("400", "160", "256"))]
    elif isinstance(kind.default, float):
        sane += ["0.5", "1.0", "20.0"]
    if "hop" in key or "step" in key or "stride" in key:
        sane = ["160", *(sane[:1] if sane[0] != "None" else [])]
    return draw.pick(
        sane,
        draw.one((values.WRONG_INT, values.HUGE, values.WRONG_FLOAT, values.WRONG_WORD, ("0", "-1", "1"))),
    )


def _result(name):
    def maker(draw):
        dtype = _dtype(draw)
        rate_and_params = draw.one(PARAMS[3:])
        x = f"noise({draw.one((600, 1000, 64))}, dtype={draw.one(values.DTYPES)!r}, seed={draw.number()})"
        return {
            "Spectrogram": lambda: f"{_plan(draw)}.compute({x})",
            "StftResult": lambda: f"sg.compute_stft({x}, {rate_and_params}, {dtype})",
            "CqtResult": lambda: f"sg.cqt({x}, 8000, {make(draw, 'CqtParams')}, 100, {dtype})",
            "Chromagram": lambda: f"{make(draw, 'ChromaPlan')}.compute({x})",
            "Tonnetz": lambda: f"{make(draw, 'TonnetzPlan')}.compute({x})",
            "Tempogram": lambda: f"{make(draw, 'TempogramPlan')}.compute({x})",
            "OnsetStrength": lambda: f"{make(draw, 'OnsetPlan')}.compute({x})",
            "Contrast": lambda: f"{make(draw, 'ContrastPlan')}.compute({x})",
            "Cepstrum": lambda: f"{make(draw, 'CepstrumPlan')}.compute({x})",
            "ReassignedSpectrogram": lambda: f"{make(draw, 'ReassignedPlan')}.compute({x})",
            "Lfcc": lambda: f"{make(draw, 'LfccPlan')}.compute({x})",
            "Mfcc": lambda: f"{make(draw, 'MfccPlan')}.compute({x})",
            "Descriptor": lambda: f"{make(draw, 'DescriptorPlan')}.compute({x})",
            "StmtfResult": lambda: f"sg.compute_stmtf({_plan(draw)}.compute({x}), dtype={dtype})",
            "Batch": lambda: f"{draw.one((_plan, frontend))(draw)}.compute_batch([{x}, {x}])",
        }[name]()

    return maker


MAKERS = {
    "SpectrogramPlan": _spectrogram_plan,
    "StftPlan": lambda draw: f"sg.StftPlan({make(draw, 'SpectrogramParams')}, {_dtype(draw)})",
    "CqtPlan": lambda draw: (
        "sg.CqtPlan(sg.CqtParams(6, 2, 300.0, method='multirate'), 8000, "
        f"{draw.one((64, 100))}, {_dtype(draw)})"
    ),
    "IstftPlan": lambda draw: f"sg.IstftPlan({draw.one(STFT)}, {_dtype(draw)})",
    "LfccPlan": lambda draw: f"sg.LfccPlan({_stft_and('LfccParams')(draw)})",
    "MfccPlan": lambda draw: f"sg.MfccPlan({_stft_and('10', 'MfccParams')(draw)})",
    "ChromaPlan": lambda draw: f"sg.ChromaPlan({_stft_and('ChromaParams')(draw)})",
    "TonnetzPlan": lambda draw: f"sg.TonnetzPlan({_stft_and('ChromaParams')(draw)})",
    "OnsetPlan": lambda draw: f"sg.OnsetPlan({make(draw, 'SpectrogramParams')}, lag={draw.one((1, 2, 50))})",
    "CensPlan": lambda draw: (
        f"sg.CensPlan({_stft_and('ChromaParams')(draw)}, smoothing={draw.one((None, 1, 2, 41))})"
    ),
    "TempogramPlan": lambda draw: (
        f"sg.TempogramPlan({make(draw, 'OnsetPlan')}, win_length={draw.one((1, 2, 33))})"
    ),
    "FourierTempogramPlan": lambda draw: (
        f"sg.FourierTempogramPlan({make(draw, 'OnsetPlan')}, win_length={draw.one((2, 33))})"
    ),
    "ContextStream": lambda draw: (
        f"{make(draw, draw.one(('CensPlan', 'TempogramPlan', 'FourierTempogramPlan')))}.stream()"
    ),
    "OnsetStream": lambda draw: f"{make(draw, 'OnsetPlan')}.stream()",
    "ContrastPlan": lambda draw: f"sg.ContrastPlan({_stft_and('ContrastParams')(draw)})",
    "CepstrumPlan": lambda draw: (
        f"sg.CepstrumPlan({draw.one(STFT)}, 8000, {_dtype(draw)}, kind={draw.one(('real', 'power'))!r})"
    ),
    "ReassignedPlan": lambda draw: (
        f"sg.ReassignedPlan({draw.one(STFT)}, 8000, {_dtype(draw)}, fill_nan={draw.one((True, False))})"
    ),
    "DescriptorPlan": lambda draw: f"sg.DescriptorPlan({_stft_and(repr(draw.one(NAMES)))(draw)})",
    "FeatureSet": lambda draw: (
        f"sg.FeatureSet({_stft_and(arguments.OVERRIDES['FeatureSet', 'features'](draw))(draw)})"
    ),
    "OverlapSaveConvolver": lambda draw: (
        f"sg.OverlapSaveConvolver(noise({draw.one((1, 5, 40))}), {draw.one((1, 32, 50))}, {_dtype(draw)})"
    ),
    "Frontend": frontend,
    "Stream": lambda draw: f"{draw.one((_plan, _spectrogram_plan))(draw)}.stream()",
    "FrontendStream": lambda draw: f"{frontend(draw)}.stream()",
    "FeatureStream": lambda draw: f"{make(draw, 'FeatureSet')}.stream()",
    "IstftStream": lambda draw: f"{make(draw, 'IstftPlan')}.stream()",
    "Comparison": lambda draw: (
        f"sg.compare({_spectrogram_plan(draw)}, {draw.one((_spectrogram_plan, frontend))(draw)})"
    ),
    **{
        f"{prefix}{amplitude.title()}Plan": partial(_plan, scale=prefix.lower(), amplitude=amplitude)
        for prefix in ("Linear", "Mel", "Erb", "Bark", "LogHz", "Octave", "Cqt")
        for amplitude in _NAMES
    },
    **{
        name: _result(name)
        for name in (
            "Spectrogram",
            "StftResult",
            "CqtResult",
            "Chromagram",
            "Tempogram",
            "Tonnetz",
            "Contrast",
            "Cepstrum",
            "ReassignedSpectrogram",
            "OnsetStrength",
            "Mfcc",
            "Lfcc",
            "Descriptor",
            "StmtfResult",
            "Batch",
        )
    },
}


def make(draw, name):
    """The text that makes an object of the public class of that name."""
    if name in TEXTS and (name.endswith("Norm") or not draw.chance(draw.wild / 2)):
        return draw.one(TEXTS[name])
    if name in MAKERS:
        return MAKERS[name](draw)
    return f"sg.{name}({arguments.call(draw, name, getattr(sg, name), make)})"
