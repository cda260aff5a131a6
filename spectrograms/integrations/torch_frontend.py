"""A frontend as a module of PyTorch: one operator, which compilers leave as it is."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from spectrograms._frontends import base
from spectrograms._frontends.making import frontend
from spectrograms.errors import InvalidInputError
from spectrograms.integrations.torch import torch

__all__ = ["Frontend"]


class Frontend(torch.nn.Module):
    """Features of padded waveforms on the CPU, as the first layer of a model.

    Usable under ``torch.compile`` and in ``torch.export``: the operator ``torch.ops.spectrograms.frontend``
    is registered with the shape of its results. It has no gradient.

    Parameters
    ----------
    definition : str or spectrograms.Frontend
        A frontend, or the name of one.
    **options
        For :func:`spectrograms.frontend`, where `definition` is a name.

    Raises
    ------
    InvalidInputError, TypeError
        As by :func:`spectrograms.frontend`.

    See Also
    --------
    spectrograms.frontend : The same without PyTorch.
    FeatureDataset : Features that were computed before.

    Examples
    --------
    >>> import torch
    >>> from spectrograms.torch import Frontend
    >>> layer = Frontend("kaldi_fbank", num_mel_bins=80)
    >>> features, lengths = layer(torch.ones(2, 16000), torch.tensor([16000, 8000]))
    >>> features.shape, lengths
    (torch.Size([2, 98, 80]), tensor([98, 48]))
    """

    def __init__(self, definition: str | base.Frontend, **options: Any) -> None:
        super().__init__()
        if isinstance(definition, base.Frontend):
            if options:
                raise TypeError(f"{next(iter(options))} is for names, not for a Frontend")
            made = definition
        else:
            made = frontend(definition, **options)
        self.config: str = made.to_json()

    def forward(
        self, waveforms: torch.Tensor, lengths: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Compute the features of a batch, each as those of its clip alone.

        Parameters
        ----------
        waveforms : torch.Tensor, shape (B, n_samples) or (n_samples,)
            On the CPU, at the sample rate of the frontend.
        lengths : torch.Tensor of int64, shape (B,), optional
            Samples of each clip; by default all. What follows them is not looked at.

        Returns
        -------
        features : torch.Tensor, shape (B, n_frames, n_bins) or (B, n_bins, n_frames)
            In the layout of the frontend, with the frames of `n_samples` samples; zeros after those of a
            clip.
        lengths : torch.Tensor of int64, shape (B,)
            Frames of each clip.

        Raises
        ------
        InvalidInputError
            If a length is beyond the samples, or a clip is too short for a frame.
        TypeError
            If the waveforms are on another device, have another number of axes, or hold what the frontend
            refuses.
        """
        if waveforms.device.type != "cpu":
            raise TypeError(f"waveforms must be on the CPU, got {waveforms.device}: call .cpu()")
        if waveforms.dim() not in (1, 2):
            raise TypeError(f"waveforms must be (n_samples,) or (B, n_samples), got {waveforms.dim()} axes")
        rows = waveforms if waveforms.dim() == 2 else waveforms.unsqueeze(0)
        if lengths is None:
            counts = torch.full((rows.shape[0],), rows.shape[1], dtype=torch.int64)
        else:
            counts = lengths.to(torch.int64).reshape(-1)
        features, frames = torch.ops.spectrograms.frontend(rows, counts, self.config)
        if waveforms.dim() == 1:
            return features.squeeze(0), frames.squeeze(0)
        return features, frames

    def extra_repr(self) -> str:
        """What stands between the parentheses of the module's repr."""
        return repr(_made(self.config))


@lru_cache(maxsize=64)
def _made(config):
    return base.Frontend.from_json(config)


def _shape(made, n_frames):
    time_first = made.layout == "(frames, rows)"
    return (n_frames, made.n_bins) if time_first else (made.n_bins, n_frames)


_TENSOR = {np.dtype(name): getattr(torch, name) for name in ("float32", "float64", "complex64", "complex128")}
_SCHEMA = "(Tensor waveforms, Tensor lengths, str config) -> (Tensor, Tensor)"


@torch.library.custom_op("spectrograms::frontend", mutates_args=(), schema=_SCHEMA)
def _compute(waveforms, lengths, config):
    made = _made(config)
    if waveforms.dtype in (torch.bfloat16, torch.float16):
        waveforms = waveforms.float()
    rows = waveforms.detach().numpy()
    counts = lengths.tolist()
    if len(counts) != len(rows):
        raise InvalidInputError(f"lengths must have {len(rows)} values, got {len(counts)}")
    for i, count in enumerate(counts):
        if not 0 <= count <= rows.shape[1]:
            raise InvalidInputError(f"lengths[{i}] must be in 0..{rows.shape[1]}, got {count}")
    batch = made.compute_batch([row[:count] for row, count in zip(rows, counts, strict=True)])
    features = torch.zeros(
        (len(rows), *_shape(made, made.frame_count(rows.shape[1]))), dtype=_TENSOR[made.dtype]
    )
    time_axis = 0 if made.layout == "(frames, rows)" else 1
    for out, values in zip(features, batch, strict=True):
        out.narrow(time_axis, 0, values.shape[time_axis]).copy_(torch.from_numpy(values))
    return features, torch.from_numpy(batch.lengths)


@_compute.register_fake
def _(waveforms, lengths, config):
    made = _made(config)
    size = waveforms.shape[1]
    # Of a length that is not known yet there is no formula for the frames that a compiler could follow.
    count = made.frame_count(size) if isinstance(size, int) else torch.library.get_ctx().new_dynamic_size()
    features = waveforms.new_empty((waveforms.shape[0], *_shape(made, count)), dtype=_TENSOR[made.dtype])
    return features, lengths.new_empty((waveforms.shape[0],), dtype=torch.int64)
