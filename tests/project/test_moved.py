"""Names by their places in earlier versions, which pickles hold."""

import pickle
from importlib import import_module

import pytest

import spectrograms as sg
from spectrograms import _moved

from ..support.together import together

# The modules of an earlier layout with the public names each defined.
PLACES = {
    "audio": "AudioInfo audio_blocks audio_info read_audio",
    "batch": "Batch",
    "comparison": "Comparison compare",
    "engine.fft": "clear_fft_plan_cache fft_plan_cache_info",
    "engine.pool": "get_num_threads set_num_threads",
    "errors": "DimensionMismatchError FFTBackendError InternalError InvalidInputError SpectrogramError",
    "features.augment": "spec_augment",
    "features.binaural": (
        "compute_ild_spectrogram compute_ilr_spectrogram compute_ipd_spectrogram compute_itd_spectrogram"
    ),
    "features.binaural_differences": "compute_ilr_spectrogram_diff compute_itd_spectrogram_diff",
    "features.chroma": "ChromaPlan build_chroma_filterbank chromagram_from_spectrogram compute_chromagram",
    "features.convolution": "OverlapSaveConvolver fft_convolve fft_deconvolve",
    "features.cqt": "cqt",
    "features.decibels": "amplitude_to_db db_to_amplitude db_to_power power_to_db",
    "features.deltas": "add_deltas delta stack_frames",
    "features.descriptors": "DescriptorPlan",
    "features.feature_set": "FeatureSet FeatureStream",
    "features.fft": (
        "FftPlanner compute_fft compute_irfft compute_magnitude_spectrum compute_power_spectrum "
        "compute_rfft fftfreq fftshift_1d ifftshift_1d rfftfreq"
    ),
    "features.fft2d": (
        "Fft2dPlanner compute_fft2d fft2d fftshift ifft2d ifftshift magnitude_spectrum_2d power_spectrum_2d"
    ),
    "features.gammatone": "gammatone_center_frequencies gammatone_iir_spectrogram",
    "features.image": (
        "bandpass_filter convolve_fft detect_edges_fft gaussian_kernel_2d highpass_filter "
        "lowpass_filter sharpen_fft"
    ),
    "features.inverse": "IstftStream",
    "features.inversion": "griffin_lim invert_mel",
    "features.mdct": "imdct mdct",
    "features.mfcc": "MfccPlan compute_mfcc mfcc_from_log_mel",
    "features.multichannel": "compute_stft_multichannel",
    "features.pcen": "pcen",
    "features.phase": "magphase minimum_phase minimum_phase_with",
    "features.sources": "ChromaSource CqtSource GammatoneSource MfccSource SpectrogramSource",
    "features.stft": "IstftPlan StftPlan compute_istft compute_stft",
    "features.stmtf": "compute_stmtf",
    "params.features": "ChromaParams MfccParams",
    "params.mdct": "MdctParams",
    "params.norms": "ChromaNorm MelNorm",
    "params.scales": "CqtParams ErbParams LogHzParams MelParams",
    "params.spatial": "ILDSpectrogramParams ILRSpectrogramParams IPDSpectrogramParams ITDSpectrogramParams",
    "params.stft": "LogParams SpectrogramParams StftParams",
    "params.window": "WindowType",
    "pcm": "from_pcm",
    "plan": "SpectrogramPlan",
    "recipes": "frontend frontends",
    "recipes.base": "Frontend",
    "recipes.configs": "frontend_from_config",
    "recipes.stream": "FrontendStream",
    "streaming": "Stream",
    "wisdom": "forget_wisdom load_wisdom save_wisdom warmup wisdom_file",
}


@pytest.mark.slow
@together("place", PLACES)
def test_a_public_name_is_found_at_its_old_place(place):
    for name in PLACES[place].split():
        found = pickle.loads(f"cspectrograms.{place}\n{name}\n.".encode())
        assert found is getattr(sg, name)


def test_every_place_of_today_is_a_module():
    for home in _moved._PLACES.values():
        assert import_module(f"spectrograms.{home}").__spec__.origin is not None


@pytest.mark.parametrize("place", ["recipes", "comparison", "wisdom", "engine"])
def test_what_never_stood_there_is_an_attribute_error(place):
    with pytest.raises(AttributeError, match="nothing"):
        pickle.loads(f"cspectrograms.{place}\nnothing\n.".encode())
