"""FFT-based spectrograms and audio features, computed by one compiled engine.

Names are loaded at first use: ``import spectrograms`` loads neither the compiled modules nor pyfftw.
"""

import os as _os
import sys as _sys
from _thread import RLock as _RLock
from importlib import import_module as _import_module

from spectrograms._common import hooks as _hooks
from spectrograms._moved import Moved as _Moved

_sys.meta_path.append(_Moved())

# What lower rooms call and higher rooms define: methods of results, and whose worker this process is.
_hooks.register("plot", "spectrograms.integrations.plot", "plot")
_hooks.register("plot_comparison", "spectrograms.integrations.figures", "plot_comparison")
_hooks.register("html", "spectrograms.integrations.notebook", "html")
_hooks.register("to_torch", "spectrograms.integrations.torch", "to_torch")
_hooks.register("to_jax", "spectrograms.integrations.jax", "to_jax")
_hooks.register("to_xarray", "spectrograms.integrations.xarray", "to_xarray")
_hooks.register("in_loader_worker", "spectrograms.integrations.workers", "in_loader_worker")

# Module -> the public names it defines. One table makes attribute access, dir() and __all__.
_MODULES = {
    "errors": (
        "DimensionMismatchError",
        "FFTBackendError",
        "InternalError",
        "InvalidInputError",
        "SpectrogramError",
        "SpectrogramWarning",
    ),
    "params": (
        "BarkParams",
        "ChromaCqtParams",
        "ChromaNorm",
        "ChromaParams",
        "ChromaStftParams",
        "ContrastParams",
        "CqtParams",
        "ErbParams",
        "ILDSpectrogramParams",
        "ILRSpectrogramParams",
        "IPDSpectrogramParams",
        "ITDSpectrogramParams",
        "LfccParams",
        "LinearParams",
        "LogHzParams",
        "LogParams",
        "MdctParams",
        "MelNorm",
        "MelParams",
        "MfccParams",
        "OctaveParams",
        "SpectrogramParams",
        "StftParams",
        "WindowType",
    ),
    "audio": ("AudioInfo", "audio_blocks", "audio_info", "read_audio"),
    "plans.batch": ("Batch",),
    "_engine.results.dlpack": (
        "DLPACK_FLAG_BITMASK_IS_COPIED",
        "DLPACK_FLAG_BITMASK_READ_ONLY",
        "KDLCPU",
        "KDLCUDA",
        "KDLCUDA_HOST",
        "KDLCUDA_MANAGED",
        "KDLEXT_DEV",
        "KDLHEXAGON",
        "KDLMETAL",
        "KDLONE_API",
        "KDLOPENCL",
        "KDLROCM",
        "KDLROCM_HOST",
        "KDLVPI",
        "KDLVULKAN",
        "KDLWEB_GPU",
    ),
    "_engine.threads.pool": ("get_num_threads", "set_num_threads"),
    "_engine.fourier.fft": ("clear_fft_plan_cache", "fft_plan_cache_info"),
    "_engine.results.frame_results": ("Spectrogram", "StftResult"),
    "audio.pcm": ("from_pcm",),
    "plans.spectrogram": ("SpectrogramPlan",),
    "features.variants": (
        "SpectrogramPlanner",
        *(
            f"{scale}{amplitude}Plan"
            for scale in ("Linear", "Mel", "Erb", "Bark", "LogHz", "Octave", "Cqt")
            for amplitude in ("Power", "Magnitude", "Db")
        ),
        *(
            f"compute_{scale}_{amplitude}_spectrogram"
            for scale in ("linear", "mel", "erb", "bark", "loghz", "octave", "cqt")
            for amplitude in ("power", "magnitude", "db")
        ),
    ),
    "features.spatial.binaural": (
        "compute_ild_spectrogram",
        "compute_ilr_spectrogram",
        "compute_ipd_spectrogram",
        "compute_itd_spectrogram",
    ),
    "features.spatial.results": ("IldSpectrogram", "IlrSpectrogram", "IpdSpectrogram", "ItdSpectrogram"),
    "features.spatial.differences": ("compute_ilr_spectrogram_diff", "compute_itd_spectrogram_diff"),
    "features.cepstra": ("Cepstrum", "CepstrumPlan", "compute_cepstrum"),
    "features.chroma": (
        "ChromaPlan",
        "Chromagram",
        "build_chroma_filterbank",
        "chromagram_from_spectrogram",
        "compute_chromagram",
    ),
    "features.fourier.convolution": ("OverlapSaveConvolver", "fft_convolve", "fft_deconvolve"),
    "features.contrast": ("Contrast", "ContrastPlan", "spectral_contrast"),
    "features.context": ("ContextStream",),
    "features.constant_q": ("CqtPlan", "CqtResult", "cqt", "hybrid_cqt"),
    "features.constant_q_inverse": ("icqt",),
    "features.descriptors": ("Descriptor", "DescriptorPlan"),
    "features.feature_set": ("FeatureSet", "FeatureStream"),
    "features.multichannel": ("compute_stft_multichannel",),
    "features.decibels": (
        "amplitude_to_db",
        "db_to_amplitude",
        "db_to_power",
        "frequency_weighting",
        "power_to_db",
    ),
    "features.deltas": ("add_deltas", "delta", "stack_frames"),
    "features.fourier.fft": (
        "FftPlanner",
        "compute_fft",
        "compute_irfft",
        "compute_magnitude_spectrum",
        "compute_power_spectrum",
        "compute_rfft",
    ),
    "features.fourier.frequencies": (
        "fftfreq",
        "fftshift",
        "fftshift_1d",
        "ifftshift",
        "ifftshift_1d",
        "rfftfreq",
    ),
    "features.fourier.result2d": ("Fft2dResult",),
    "features.fourier.spectra2d": (
        "Fft2dPlanner",
        "compute_fft2d",
        "fft2d",
        "ifft2d",
        "magnitude_spectrum_2d",
        "power_spectrum_2d",
    ),
    "features.gammatone": ("gammatone_center_frequencies", "gammatone_iir_spectrogram"),
    "features.fourier.image": (
        "bandpass_filter",
        "convolve_fft",
        "detect_edges_fft",
        "gaussian_kernel_2d",
        "highpass_filter",
        "lowpass_filter",
        "sharpen_fft",
    ),
    "features.fourier.lapped": ("imdct", "mdct"),
    "features.lfcc": ("Lfcc", "LfccPlan", "compute_lfcc"),
    "features.mfcc": ("Mfcc", "MfccPlan", "compute_mfcc", "mfcc_from_log_mel"),
    "features.fourier.phase": ("magphase", "minimum_phase", "minimum_phase_with"),
    "features.sources": (
        "ChromaSource",
        "CqtSource",
        "GammatoneSource",
        "MfccSource",
        "SpectrogramSource",
    ),
    "features.reassignment": ("ReassignedPlan", "ReassignedSpectrogram", "reassigned_spectrogram"),
    "features.separation": ("HpssStream", "hpss", "separate"),
    "features.onsets": ("OnsetStrength",),
    "features.rhythm": ("OnsetPlan", "OnsetStream", "onset_strength"),
    "features.smoothed_chroma": ("CensPlan", "cens", "chroma_cens"),
    "features.tempo_plans": ("FourierTempogramPlan", "Tempogram", "TempogramPlan"),
    "features.tempograms": ("fourier_tempogram", "tempogram"),
    "features.tonal_space": ("Tonnetz", "TonnetzPlan", "tonnetz"),
    "features.tonality": ("chroma_cqt", "chroma_stft", "estimate_tuning", "piptrack"),
    "features.stmtf": ("StmtfResult", "compute_stmtf"),
    "_frontends.base": ("Frontend",),
    "_frontends.configs": ("frontend_from_config",),
    "_frontends.making": ("frontend", "frontends"),
    "comparison.comparing": ("Comparison", "compare"),
    "_frontends.stream": ("FrontendStream",),
    "features.augment": ("spec_augment",),
    "features.averages": ("LongTermAverage", "LongTermSpectrum", "welch"),
    "features.inversion": ("griffin_lim", "invert_mel"),
    "features.energy_normalization": ("pcen",),
    "features.overlap_add": ("IstftStream",),
    "features.stft_forward": ("StftPlan", "compute_stft"),
    "features.stft_inverse": ("IstftPlan", "compute_istft"),
    "features.vocoder": ("PhaseVocoderStream", "phase_vocoder", "time_stretch"),
    "plans.streaming": ("Stream",),
    "wisdom.files": ("forget_wisdom", "load_wisdom", "save_wisdom", "wisdom_file"),
    "wisdom.warming": ("warmup",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_HOMES)


# One thread at a time looks a name up. Python takes the lock of a module before that of its package, and a
# package that imports its modules the other way round: two threads could refuse each other the rest.
_lock = _RLock()


def _renew_lock():
    """In a forked child: whoever had the lock is not here."""
    global _lock
    _lock = _RLock()


if hasattr(_os, "register_at_fork"):
    _os.register_at_fork(after_in_child=_renew_lock)


def __getattr__(name):
    if name in _HOMES:
        with _lock:
            value = getattr(_import_module(f"{__name__}.{_HOMES[name]}"), name)
    elif name == "__version__":
        from importlib.metadata import version

        value = version(__name__)
    else:
        # With name and obj, Python suggests the nearest public name.
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}", name=name, obj=_import_module(__name__)
        )
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *_HOMES, "__version__"})
