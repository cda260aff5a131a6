"""FFT-based spectrograms and audio features, computed by one compiled engine.

Names are loaded at first use: ``import spectrograms`` loads neither the compiled modules nor pyfftw.
"""

from importlib import import_module as _import_module

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
        "ChromaNorm",
        "ChromaParams",
        "CqtParams",
        "ErbParams",
        "ILDSpectrogramParams",
        "ILRSpectrogramParams",
        "IPDSpectrogramParams",
        "ITDSpectrogramParams",
        "LogHzParams",
        "LogParams",
        "MdctParams",
        "MelNorm",
        "MelParams",
        "MfccParams",
        "SpectrogramParams",
        "StftParams",
        "WindowType",
    ),
    "audio": ("AudioInfo", "audio_blocks", "audio_info", "read_audio"),
    "batch": ("Batch",),
    "engine.dlpack": (
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
    "engine.feature_results": (
        "Chromagram",
        "CqtResult",
        "Descriptor",
        "Fft2dResult",
        "IldSpectrogram",
        "IlrSpectrogram",
        "IpdSpectrogram",
        "ItdSpectrogram",
        "Mfcc",
    ),
    "engine.pool": ("get_num_threads", "set_num_threads"),
    "engine.fft": ("clear_fft_plan_cache", "fft_plan_cache_info"),
    "engine.frame_results": ("Spectrogram", "StftResult"),
    "pcm": ("from_pcm",),
    "plan": ("SpectrogramPlan",),
    "families": (
        "SpectrogramPlanner",
        *(
            f"{scale}{amplitude}Plan"
            for scale in ("Linear", "Mel", "Erb", "LogHz", "Cqt")
            for amplitude in ("Power", "Magnitude", "Db")
        ),
        *(
            f"compute_{scale}_{amplitude}_spectrogram"
            for scale in ("linear", "mel", "erb", "loghz", "cqt")
            for amplitude in ("power", "magnitude", "db")
        ),
    ),
    "features.binaural": (
        "compute_ild_spectrogram",
        "compute_ilr_spectrogram",
        "compute_ipd_spectrogram",
        "compute_itd_spectrogram",
    ),
    "features.binaural_differences": ("compute_ilr_spectrogram_diff", "compute_itd_spectrogram_diff"),
    "features.chroma": (
        "ChromaPlan",
        "build_chroma_filterbank",
        "chromagram_from_spectrogram",
        "compute_chromagram",
    ),
    "features.convolution": ("OverlapSaveConvolver", "fft_convolve", "fft_deconvolve"),
    "features.cqt": ("cqt",),
    "features.descriptors": ("DescriptorPlan",),
    "features.feature_set": ("FeatureSet", "FeatureStream"),
    "features.multichannel": ("compute_stft_multichannel",),
    "features.decibels": ("amplitude_to_db", "db_to_amplitude", "db_to_power", "power_to_db"),
    "features.deltas": ("add_deltas", "delta", "stack_frames"),
    "features.fft": (
        "FftPlanner",
        "compute_fft",
        "compute_irfft",
        "compute_magnitude_spectrum",
        "compute_power_spectrum",
        "compute_rfft",
        "fftfreq",
        "fftshift_1d",
        "ifftshift_1d",
        "rfftfreq",
    ),
    "features.fft2d": (
        "Fft2dPlanner",
        "compute_fft2d",
        "fft2d",
        "fftshift",
        "ifft2d",
        "ifftshift",
        "magnitude_spectrum_2d",
        "power_spectrum_2d",
    ),
    "features.gammatone": ("gammatone_center_frequencies", "gammatone_iir_spectrogram"),
    "features.image": (
        "bandpass_filter",
        "convolve_fft",
        "detect_edges_fft",
        "gaussian_kernel_2d",
        "highpass_filter",
        "lowpass_filter",
        "sharpen_fft",
    ),
    "features.mdct": ("imdct", "mdct"),
    "features.mfcc": ("MfccPlan", "compute_mfcc", "mfcc_from_log_mel"),
    "features.phase": ("magphase", "minimum_phase", "minimum_phase_with"),
    "features.sources": (
        "ChromaSource",
        "CqtSource",
        "GammatoneSource",
        "MfccSource",
        "SpectrogramSource",
    ),
    "features.stmtf": ("StmtfResult", "compute_stmtf"),
    "recipes": ("Frontend", "frontend_from_config", "frontend", "frontends"),
    "comparison": ("Comparison", "compare"),
    "recipes.stream": ("FrontendStream",),
    "features.augment": ("spec_augment",),
    "features.inversion": ("griffin_lim", "invert_mel"),
    "features.pcen": ("pcen",),
    "features.inverse": ("IstftStream",),
    "features.stft": ("IstftPlan", "StftPlan", "compute_istft", "compute_stft"),
    "streaming": ("Stream",),
    "wisdom": ("forget_wisdom", "load_wisdom", "save_wisdom", "warmup", "wisdom_file"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_HOMES)


def __getattr__(name):
    if name in _HOMES:
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
