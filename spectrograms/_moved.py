"""Where modules, and some of their names, went that pickles know by their old places.

This finder is asked last, after those of Python have found nothing, and answers for the names of one table.
"""

from __future__ import annotations

from importlib.machinery import ModuleSpec

# typing takes longer to import than everything here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Old place of a module, or of one of its names -> the module of today, below the package. Public names need
# no row of their own: they are found in the package, wherever they went.
_PLACES = {
    "batch": "plans.batch",
    "corpus.store": "corpus.stores.store",
    "engine": "_engine",
    "engine.feature_results": "features.fourier.result2d",
    "engine.fft": "_engine.fourier.fft",
    "engine.frame_results": "_engine.results.frame_results",
    "engine.pool": "_engine.threads.pool",
    "engine.result": "_engine.results.result",
    "features.binaural": "features.spatial.binaural",
    "features.binaural_differences": "features.spatial.differences",
    "features.convolution": "features.fourier.convolution",
    "features.cqt": "features.constant_q",
    "features.fft": "features.fourier.fft",
    "features.fft2d": "features.fourier.spectra2d",
    "features.image": "features.fourier.image",
    "features.inverse": "features.overlap_add",
    "features.mdct": "features.fourier.lapped",
    "features.pcen": "features.energy_normalization",
    "features.phase": "features.fourier.phase",
    "features.stft": "features.stft_inverse",
    "info": "plans.infos",
    "info.ChromaInfo": "features.chroma",
    "info.CqtInfo": "features.constant_q",
    "info.DescriptorInfo": "features.descriptors",
    "info.MfccInfo": "features.mfcc",
    "info.SpectrogramInfo": "plans.spectrogram",
    "info.StftInfo": "features.stft_forward",
    "params.mdct": "params.lapped",
    "pcm": "audio.pcm",
    "plan": "plans.base",
    "recipes": "_frontends.making",
    "recipes.base": "_frontends.base",
    "recipes.configs": "_frontends.configs",
    "recipes.stream": "_frontends.stream",
    "streaming": "plans.streaming",
}


class Moved:
    """Answers for the old places with modules whose names are looked up in the new ones.

    Finder and loader without their base classes: `importlib.abc` brings thirty modules.
    """

    def find_spec(self, fullname, path=None, target=None):
        """The spec of a module that has moved, None for all others."""
        package, _, below = fullname.partition(".")
        if package != __package__ or below not in _PLACES:
            return None
        return ModuleSpec(fullname, self, is_package=below in ("engine", "recipes"))

    def create_module(self, spec):
        """None: an ordinary module."""

    def exec_module(self, module):
        """Let the module find its names where they are now."""
        from importlib import import_module

        old = module.__name__.partition(".")[2]

        def find(name: str) -> Any:
            package = import_module(__package__)
            if name in package.__all__:
                return getattr(package, name)
            place = _PLACES.get(f"{old}.{name}", _PLACES[old])
            return getattr(import_module(f"{__package__}.{place}"), name)

        module.__getattr__ = find


def names_in(folder: str, *names: str) -> Callable[[str], Any]:
    """A ``__getattr__`` for a folder that once was a module with these public names."""

    def find(name: str) -> Any:
        from importlib import import_module

        if name not in names:
            raise AttributeError(f"module {folder!r} has no attribute {name!r}")
        return getattr(import_module(__package__), name)

    return find
