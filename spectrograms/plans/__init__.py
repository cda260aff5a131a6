"""Plans: parameters in, a configured engine out. The one room that knows both.

`base` is what all plans share and `SpectrogramPlan`; `scales` has a row for each scale, `infos` says what the
numbers of a result mean; `batch` and `streaming` run a plan over many signals, or one that comes in chunks.
"""
