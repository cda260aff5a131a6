"""Files, pickles and a store that one build writes and another one reads."""

import json
import pickle
import wave
from pathlib import Path

import numpy as np
from plans import CHROMA, MFCC, RATE, SCALES, STFT, every_plan, geometry
from signals import LEFT, LONG, RIGHT, SIGNAL, clips, noise

import spectrograms as sg

PARAMETERS = {
    "stft": STFT,
    "spectrogram": geometry(window=sg.WindowType.kaiser(8.6)),
    "custom window": sg.WindowType.custom(np.linspace(0.1, 1, 64)),
    "log": sg.LogParams(-60.0),
    "mfcc": MFCC,
    "chroma": CHROMA,
    "mdct": sg.MdctParams.sine_window(64),
    "itd": sg.ITDSpectrogramParams(geometry(), 150.0, 1400.0),
    "ipd": sg.IPDSpectrogramParams(geometry(), 150.0, 1400.0),
    "ild": sg.ILDSpectrogramParams(geometry(), 1700.0, 4600.0),
    "ilr": sg.ILRSpectrogramParams(geometry(), 1700.0, 4600.0),
    **{name: params for name, params in SCALES.items() if params is not None},
}


def results():
    """One result of each kind that can be saved."""
    made = {
        name: plan.compute(SIGNAL)
        for dtype in ("float64", "float32")
        for name, plan in ((f"{name} {dtype}", plan) for name, plan in every_plan(dtype).items())
        if not isinstance(plan, sg.FeatureSet)
    }
    for cue in ("itd", "ipd", "ild", "ilr"):
        compute = getattr(sg, f"compute_{cue}_spectrogram")
        made[cue] = compute([LEFT, RIGHT], PARAMETERS[cue])
    made["constant q"] = sg.cqt(LONG, RATE, sg.CqtParams(12, 2, 440.0), 256)
    made["image"] = sg.compute_fft2d(noise(9, 12))
    made["modulation"] = sg.compute_stmtf(made["mel float64"])
    return made


def plans():
    """Plans and frontends, which are described by JSON and pickled by value."""
    from frontends import make

    return {
        **every_plan("float64"),
        **{f"{name} single": plan for name, plan in every_plan("float32").items()},
        "inverse": sg.IstftPlan(STFT),
        **{f"frontend {name}": make(name, "float32") for name in sg.frontends()},
        "mel function": sg.SpectrogramPlanner().mel_power_plan(geometry(), SCALES["mel"]),
    }


def pickled():
    """Whatever can be pickled: values, classes and functions by their places."""
    batch = sg.SpectrogramPlan(geometry(), SCALES["mel"]).compute_batch(clips())
    public = {f"name {name}": getattr(sg, name) for name in sg.__all__}
    more = {"batch": batch, "planner": sg.FftPlanner(), "images": sg.Fft2dPlanner("float32")}
    return {**PARAMETERS, **results(), **plans(), **more, **public}


def save(folder):
    folder = Path(folder)
    pickles = {}
    for name, value in pickled().items():
        for protocol in (2, pickle.HIGHEST_PROTOCOL):
            pickles[f"{name} {protocol}"] = pickle.dumps(value, protocol).hex()
    (folder / "pickles.json").write_text(json.dumps(pickles))
    texts = {name: value.to_json() for name, value in {**PARAMETERS, **results(), **plans()}.items()}
    (folder / "texts.json").write_text(json.dumps(texts))
    for name, result in results().items():
        result.save(folder / f"{name}.npz")
    recordings = folder / "recordings"
    recordings.mkdir()
    for i, x in enumerate(clips()):
        with wave.open(str(recordings / f"{i}.wav"), "wb") as file:
            file.setparams((1, 2, 16000, 0, "NONE", ""))
            file.writeframes(np.round(x * 32767).astype("<i2").tobytes())
    for name, feature in _stored().items():
        from spectrograms import corpus

        corpus.extract(str(recordings), feature, str(folder / f"store {name}"))


def _stored():
    return {
        "plan": sg.SpectrogramPlan(geometry(), SCALES["mel"], "db", dtype="float32"),
        "frontend": sg.frontend("whisper_openai", precision="float32"),
    }


def load(folder):
    """Print as JSON what does not load or loads with other values, and how much was examined."""
    from rounding import same_but_for_rounding
    from worker import digest, parts

    def same(value, made):
        a, b = parts(value), parts(made)
        if digest(a) == digest(b):
            return None
        return "other last bits" if same_but_for_rounding(a, b) else "other values"

    folder, faults, examined = Path(folder), [], 0

    def check(name, read, made):
        nonlocal examined
        examined += 1
        try:
            value = read()
            if type(value) is not type(made):
                faults.append(f"{name}: a {type(value).__name__}, not a {type(made).__name__}")
            elif fault := _difference(value, made, same):
                faults.append(f"{name}: {fault}")
        except Exception as error:
            faults.append(f"{name}: {type(error).__name__}: {error}")

    def everything():
        expected = pickled()
        for name, text in json.loads((folder / "pickles.json").read_text()).items():
            check(
                f"pickle {name}",
                lambda t=text: pickle.loads(bytes.fromhex(t)),
                expected[name.rpartition(" ")[0]],
            )
        for name, text in json.loads((folder / "texts.json").read_text()).items():
            made = expected[name]
            check(f"JSON {name}", lambda t=text, m=made: type(m).from_json(t), made)
        for path in sorted(folder.glob("*.npz")):
            made = expected[path.stem]
            check(f"file {path.stem}", lambda p=path, m=made: type(m).load(p), made)

    everything()
    for name, feature in _stored().items():
        for fault in _store_faults(folder / f"store {name}", feature, folder / "recordings"):
            faults.append(f"store {name}: {fault}")
        examined += len(clips())
    print(json.dumps({"examined": examined, "faults": faults}))


def _difference(value, made, same):
    """In words, in what one thing differs from another; None if in nothing."""
    if isinstance(made, type) or (callable(made) and hasattr(made, "__name__")):
        return None if value is made else "other values"
    if isinstance(made, sg.Batch) or hasattr(made, "__array__") or hasattr(made, "shape"):
        return same(value, made)
    if hasattr(made, "to_json") and value.to_json() != made.to_json():
        return "other values"
    if hasattr(made, "compute") and not isinstance(made, sg.Fft2dPlanner):
        spectra = isinstance(made, sg.IstftPlan)
        x = np.asarray(sg.compute_stft(SIGNAL, geometry())) if spectra else SIGNAL
        return same(value.compute(x), made.compute(x))
    return None if hasattr(made, "to_json") or type(value) is type(made) else "other values"


def _store_faults(path, feature, recordings):
    from rounding import same_but_for_rounding

    from spectrograms import corpus

    store = corpus.FeatureStore(str(path))
    if len(store) + len(store.errors) != len(clips()) or not len(store):
        yield f"{len(store)} rows and {len(store.errors)} failures of {len(clips())} clips"
    for record in store:
        samples, _ = sg.read_audio(recordings / f"{record.id.removesuffix('.wav')}.wav")
        rows = np.asarray(record.features)
        made = np.asarray(feature.compute(samples), rows.dtype)
        if rows.tobytes() in (made.tobytes(), np.ascontiguousarray(made.T).tobytes()):
            continue
        near = same_but_for_rounding([rows], [made]) or same_but_for_rounding([rows], [made.T])
        yield f"other {'last bits' if near else 'values'} in {record.id}"
    yield from corpus.verify(str(path))
    report = corpus.extract(str(recordings), feature, str(path))
    if report.n_skipped + report.n_failed_before != len(clips()):
        yield f"is not continued: {report}"
