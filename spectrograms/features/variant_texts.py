"""The docstrings of the twenty-one spectrograms, from the same table as their classes and functions."""

from typing import Any

from spectrograms.plans.scales import AMPLITUDES

_VALUES = {
    "power": ("power", "power, ``re**2 + im**2`` of the unnormalised transform", "power"),
    "magnitude": ("magnitude", "magnitude, the square root of the power", "amplitude"),
    "db": ("dB", "decibels, ``10 * log10`` of the power, not below the floor", "dB"),
}

_FUNCTION_DOC = """Compute the {values_short} spectrogram {over}.

Parameters
----------
samples : array_like, shape (n_samples,)
    One signal of real numbers, not empty.
params : SpectrogramParams
    Transform size, hop, window and sample rate.
{scale_doc}{db_name} : LogParams, optional
    {db_doc}
dtype : {{"float64", "float32"}}
    Precision of arithmetic and result, whatever the dtype of the samples.

Returns
-------
Spectrogram, shape (n_bins, n_frames)
    Values are {values}. Rows are {rows}.

Raises
------
ValueError
    If `samples` is empty or `dtype` unknown.
TypeError
    If `samples` is not 1-D or a parameter object is of the wrong class.
InvalidInputError
    If the scale reaches beyond the Nyquist frequency.

See Also
--------
{plan} : The same with the tables kept; made by ``SpectrogramPlanner().{method}()``.
{siblings} : The same rows with other values.

Notes
-----
{formula}

The tables are kept for the next call with equal parameters. A plan computes many signals, or all channels of
one, at once (`compute_batch`); ``spectrogram.plot()`` draws.

{references}Examples
--------
>>> import numpy as np
>>> import spectrograms as sg
>>> tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)  # a second of 1 kHz
>>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
{example_scale}>>> spectrogram = sg.{function}(tone, params{example_argument})
>>> spectrogram.shape, spectrogram.unit
(({example_rows}, 101), {unit!r})
>>> loudest = int(spectrogram.data[:, 50].argmax())
>>> round(spectrogram.frequencies[loudest])  # Hz
{example_peak}

{example_more}
"""

# What the example of each amplitude shows beside shape and axis.
_MORE = {
    "power": """A signal of twice the amplitude has four times the power:

>>> louder = sg.{function}(2 * tone, params{example_argument})
>>> round(float(louder.data.max() / spectrogram.data.max()), 6)
4.0""",
    "magnitude": """It is the square root of the power:

>>> power = sg.{power_function}(tone, params{example_argument})
>>> np.allclose(spectrogram.data**2, power.data)
True""",
    "db": """Silence lies at the floor:

>>> silence = sg.{function}(np.zeros(16000), params{example_argument})
>>> float(silence.data.max())
-80.0""",
}

_PLAN_DOC = """Plan of {values_short} spectrograms {over}, made by ``SpectrogramPlanner().{method}()``.

See :class:`SpectrogramPlan` for what it does, :func:`{function}` for the definition.

See Also
--------
SpectrogramPlanner.{method} : Makes it.
{function} : Makes and uses it in one call.

Examples
--------
>>> import numpy as np
>>> import spectrograms as sg
>>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
>>> plan = sg.SpectrogramPlanner().{method}(params{example_parameters})
>>> plan.output_shape(16000)
({example_rows}, 101)
>>> noise = np.random.default_rng(0).standard_normal(16000)
>>> plan.compute(noise).shape
({example_rows}, 101)
"""

_METHOD_DOC = """Make a plan of {values_short} spectrograms {over}.

Parameters
----------
params : SpectrogramParams
    Transform size, hop, window and sample rate.
{scale_doc}{db_argument}dtype : {{"float64", "float32"}}
    Precision of arithmetic and result.

Returns
-------
{plan}

Raises
------
InvalidInputError
    If the scale reaches beyond the Nyquist frequency.

See Also
--------
{function} : The definition.

Examples
--------
>>> import spectrograms as sg
>>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
>>> sg.SpectrogramPlanner().{method}(params{example_parameters}).n_bins
{example_rows}
"""


def texts(scale: Any, amplitude: str, plan: str, function: str, method: str) -> Any:
    """The docstrings of a plan class, of the function and of the planner's method of one spectrogram."""
    short, long, unit = _VALUES[amplitude]
    db_name = "db" if scale.argument else "db_params"
    db_doc = "Floor of the values, -80 dB by default." if amplitude == "db" else "No effect; warned about."
    scale_line = "{} : {}\n    {}\n"
    parameters, rows, peak = scale.example
    siblings = [
        function.replace(f"_{amplitude}_", f"_{other}_") for other in AMPLITUDES if other != amplitude
    ]
    words = {
        "values_short": short,
        "unit": unit,
        "siblings": ", ".join(siblings),
        "power_function": function.replace(f"_{amplitude}_", "_power_"),
        "example_scale": f">>> bands = {parameters}\n" if parameters else "",
        "example_argument": ", bands" if parameters else "",
        "example_parameters": f", {parameters}" if parameters else "",
        "example_rows": rows,
        "example_peak": peak,
        "values": long,
        "over": scale.over,
        "rows": scale.rows,
        "formula": scale.formula,
        "references": f"References\n----------\n{scale.reference}\n\n" if scale.reference else "",
        "plan": plan,
        "function": function,
        "method": method,
        "db_name": db_name,
        "db_doc": db_doc,
        "db_argument": f"db_params : LogParams, optional\n    {db_doc}\n" if amplitude == "db" else "",
    }
    kind = scale.params.__name__ if scale.params else ""
    words["example_more"] = _MORE[amplitude].format(**words)
    function_scale = scale_line.format(scale.argument, kind, scale.about) if scale.params else ""
    method_scale = scale_line.format(f"{scale.name}_params", kind, scale.about) if scale.params else ""
    return (
        _PLAN_DOC.format(**words),
        _FUNCTION_DOC.format(scale_doc=function_scale, **words),
        _METHOD_DOC.format(scale_doc=method_scale, **words),
    )
