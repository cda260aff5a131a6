"""Fixed computations of every kind, repeated again and again: their bytes must never change."""

import hashlib

import numpy as np
from things import STFT, TEXTS
from trouble import noise

import spectrograms as sg


def _digest(value, digest=None):
    digest = digest or hashlib.blake2b(digest_size=8)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for each in value:
            _digest(each, digest)
    else:
        array = value if isinstance(value, np.ndarray) else np.asarray(value.data)
        digest.update(repr((array.shape, array.dtype.str)).encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _frontend(name):
    from spectrograms._frontends.toolkits.catalogue import definition_of

    needs = {
        "frame_length": 400,
        "frame_step": 160,
        "window_size": 400,
        "stride": 160,
        "nperseg": 256,
        "hop": 64,
    }
    definition = definition_of(name)
    given = {key: needs[key] for key, kind in definition.parameters.items() if kind.required}
    return sg.frontend(name, sample_rate=None if definition.fixed else definition.rate or 16000, **given)


class References:
    """Objects that are made once, with the results they gave then."""

    def __init__(self):
        x, y = noise(1200, seed=1), noise(1200, dtype="f4", seed=2)
        space = {"sg": sg, "noise": noise, "np": np}
        params = sg.SpectrogramParams(eval(STFT[0]), 8000)
        self._works = works = {}
        plans = {
            "linear": None,
            **{
                name: eval(texts[0], space)
                for name, texts in TEXTS.items()
                if name.removesuffix("Params") in ("Mel", "Erb", "LogHz", "Octave", "Linear", "Cqt")
            },
        }
        for name, scale in plans.items():
            for amplitude in ("power", "magnitude", "db"):
                for dtype in ("float64", "float32"):
                    plan = sg.SpectrogramPlan(params, scale, amplitude, dtype=dtype)
                    works[f"{name} {amplitude} {dtype}"] = lambda plan=plan: [
                        plan.compute(x),
                        plan.compute_batch([y, x[:500]])[1],
                    ]
        for cls in ("IldSpectrogram", "IpdSpectrogram", "ItdSpectrogram", "IlrSpectrogram", "Fft2dResult"):
            works[cls] = lambda text=TEXTS[cls][0]: eval(text, space)
        stft, inverse = sg.StftPlan(params), sg.IstftPlan(params)
        works["stft and back"] = lambda: inverse.compute(stft.compute(x))
        features = sg.FeatureSet(
            params.stft, 8000, {"a": "db", "b": sg.MfccParams(5), "c": sg.ChromaParams(), "d": "centroid"}
        )
        works["feature set"] = lambda: features.compute(x)
        works["stream"] = lambda: [(s := features.stream()).push(x), s.flush()]
        for name in sg.frontends():
            # A frame of the longest is 2048 samples; fixed lengths of 30 s would take too long here.
            made = _frontend(name)
            if not any("pad" in key or "length_s" in key or "max_length" in key for key in made.params):
                works[name] = lambda made=made: made.compute(noise(4000, dtype="f4", seed=3))
        works["mdct"] = lambda: sg.imdct(
            sg.mdct(x, sg.MdctParams.sine_window(64)), sg.MdctParams.sine_window(64)
        )
        works["griffin_lim"] = lambda: sg.griffin_lim(np.abs(stft.compute(x).data), params, n_iter=2)
        works["fft"] = lambda: [sg.compute_fft(x), sg.fft_convolve(x, y), sg.minimum_phase(x[:64])]
        works["image"] = lambda: [
            sg.highpass_filter(noise(20, 33), 0.3),
            sg.convolve_fft(noise(9, 9), sg.gaussian_kernel_2d(3, 1.0)),
        ]
        works["values"] = lambda: [
            sg.power_to_db(x**2),
            sg.add_deltas(noise(10, 30)),
            sg.pcen(noise(10, 30) ** 2, 8000, 100),
            sg.spec_augment(noise(20, 30), seed=3),
            sg.gammatone_iir_spectrogram(x, 8000, 100, 50, sg.ErbParams(8, 100, 4000)),
        ]
        self.first = self.compute()

    def compute(self):
        """Digests by kind."""
        return {name: _digest(work()) for name, work in self._works.items()}

    def changed(self):
        """The kinds that no longer give what they gave at the start."""
        return [name for name, digest in self.compute().items() if digest != self.first[name]]
