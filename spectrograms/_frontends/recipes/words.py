"""What a recipe does, in words: the conventions of a frontend."""

from __future__ import annotations

from spectrograms._common import conventions
from spectrograms._frontends.recipes.after import Affine, Linear
from spectrograms._frontends.recipes.lengths import NO_ZEROS
from spectrograms._frontends.recipes.recipe import Recipe

_DETREND = {None: "none", "constant": "mean of each frame", "linear": "line of each frame"}
# What becomes of a length is told by these examples, in seconds.
_EXAMPLES = (1, 60, 0.1)


def conventions_of(recipe: Recipe) -> dict[str, str]:
    """A recipe in words, so that two can be compared."""
    spectrum = {None: "complex", 1.0: "magnitude", 2.0: "power"}.get(
        recipe.power, f"magnitude to the power of {recipe.power}"
    )
    if recipe.root_add:
        spectrum += f" with {conventions.number(recipe.root_add)} under the root"
    if recipe.root_floor > 0.0:
        spectrum += f" of at least {conventions.number(recipe.root_floor)}"
    emphasis = "none"
    if recipe.preemphasis:
        emphasis = f"{conventions.number(recipe.preemphasis)} over the signal"
    elif recipe.frame_preemphasis:
        emphasis = f"{conventions.number(recipe.frame_preemphasis)} within each frame"
    return conventions.words(
        rate=recipe.rate, samples="; ".join(map(str, recipe.before)) or "nothing",
        length=_length(recipe), frames=_frame_counts(recipe), sample_range=recipe.sample_range,
        gain=recipe.gain, window=recipe.window_words, **recipe.frames.words(),
        dither=recipe.frame_dither or recipe.dither, detrend=_DETREND[recipe.detrend], preemphasis=emphasis,
        spectrum=spectrum, bands=_bands(recipe),
        log=recipe.log.words() if recipe.log else "none",
        cepstrum=_cepstrum(recipe),
        energy=recipe.energy.words() if recipe.energy else "none",
        affine=str(Affine(*recipe.affine)) if recipe.affine else "none",
        clip="; ".join(str(step) for step in recipe.after if not isinstance(step, Linear)) or "nothing",
        joined=recipe.stack, layout="(frames, rows)" if recipe.layout == "time" else "(rows, frames)",
        dtype=recipe.dtype,
    )  # fmt: skip


def _bands(recipe):
    if recipe.mel is None:
        return conventions.fft_bins(recipe.bands)
    return recipe.mel.words() | {finding.convention: finding.words for finding in recipe.findings}


def _length(recipe):
    """What becomes of the length of a clip, by examples."""
    cut = recipe.before or recipe.max_samples is not None
    if not (cut or recipe.frames.lead or recipe.zeros_after != NO_ZEROS):
        return "as it is"
    said = {}
    for seconds in _EXAMPLES:
        n = round(seconds * recipe.rate)
        if recipe.refusal(n):
            changed, words = True, "is refused"
        else:
            samples = recipe.frames.lead + recipe.lengths(n).samples
            changed, words = samples != n, f"becomes {conventions.number(samples / recipe.rate)} s"
        # A short clip tells more only where one second is left as it is.
        if seconds >= 1 or (changed and not said[1][0]):
            said[seconds] = changed, words
    if not any(changed for changed, _ in said.values()):
        return "as it is"
    return ", ".join(f"{seconds} s {words}" for seconds, (_, words) in said.items())


def _frame_counts(recipe):
    """How many frames there are, with one second as an example."""
    parts = [_last_frame(recipe), recipe.capacity.words()]
    second = round(recipe.rate)
    if recipe.refusal(second):
        parts.append("none of 1 s")
    else:
        _, frames, valid, capacity, _ = recipe.lengths(second)
        valid = min(valid, capacity)
        if not valid == capacity == frames:
            fill = f" filled with {conventions.number(recipe.capacity.fill)}" if valid < capacity else ""
            parts.append(f"{valid} of {frames} of 1 s, in an array of {capacity}{fill}")
    return "; ".join(filter(None, parts)) or "all"


def _last_frame(recipe):
    """Where the last frame ends; empty where it ends with the padded signal, as almost everywhere."""
    frames = recipe.frames
    size = frames.n_fft if frames.window_at else frames.length
    if frames.first == size - frames.window_at - frames.left - frames.reach:
        return ""
    after = frames.length - frames.left - frames.first
    if after < 0:
        return f"windows end {-after} or more samples before the end of the signal"
    return f"windows end {after} or fewer samples after the signal"


def _cepstrum(recipe):
    if recipe.dct:
        return recipe.dct.words()
    # The transform is a step where one over the whole clip comes before it.
    return "; ".join(str(step) for step in recipe.after if isinstance(step, Linear)) or "none"
