"""Plans: parameters in, a configured engine out. The one room that knows both.

`base` is what all plans share, `spectrogram` the plan of spectrograms; `geometry` says where frames stand,
`scales` has a row for each scale, `infos` says what the numbers of a result mean; `batch` and `streaming` run
a plan over many signals, or over one that comes in chunks.
"""
