"""Parameters of every frontend, chosen so that each parameter takes every kind of value it allows."""

#: name -> (sample rate or None for the default, list of parameters)
_KALDI = [
    {},
    {"scale": 32768.0, "num_mel_bins": 80, "snip_edges": False},
    {"num_mel_bins": 40, "low_freq": 0.0, "high_freq": 7000.0, "use_energy": True},
    {"frame_length": 20.0, "frame_shift": 7.5, "high_freq": -300, "window_type": "hamming", "scale": 100.0},
    {"window_type": "hanning", "preemph": 0.0, "remove_dc": False, "use_energy": True, "raw_energy": False},
    {"window_type": "blackman", "blackman_coeff": 0.4, "round_pow2": False, "htk_compat": True},
    {"window_type": "rectangular", "use_energy": True, "htk_compat": True, "energy_floor": 3.0},
]
_NATIVE = [{"window_type": "sine"}, {"window_type": "hann", "frame_length": 25.1, "round_pow2": False}]
_FBANK = [{"use_power": False}, {"use_log": False, "scale": 10.0}]
_MFCC = [
    {"num_ceps": 20, "cepstral_lifter": 0.0},
    {"num_ceps": 7, "cepstral_lifter": 10, "use_energy": False},
]
_LIBROSA = [
    {},
    {"n_fft": 512, "hop_length": 160, "win_length": 400, "n_mels": 40, "htk": True},
    {"window": ["kaiser", 8.0], "center": False, "power": 1.0, "fmin": 50.0, "fmax": 9000.0},
    {"window": "blackmanharris", "pad_mode": "reflect", "power": 1.5, "n_fft": 1023},
    {"window": ["tukey", 0.3], "pad_mode": "edge"},
    {"window": "hamming", "pad_mode": "symmetric", "n_mels": 20},
]
_NORMS = [{"norm": None}, {"norm": 1}, {"norm": "inf"}, {"norm": 2.5}]
_TORCHAUDIO = [
    {},
    {"n_fft": 512, "win_length": 400, "hop_length": 160, "pad_mode": "constant", "normalized": True},
    {"window": "hamming", "power": 1.0, "pad": 130, "normalized": "window", "pad_mode": "replicate"},
    {"window": "blackman", "power": 0.7, "center": False, "normalized": "frame_length"},
    {"pad_mode": "circular", "hop_length": 90, "n_fft": 401},
]
_TORCH_MEL = [
    *_TORCHAUDIO,
    {"n_mels": 40, "f_min": 100.0, "f_max": 7000, "norm": "slaney", "mel_scale": "slaney"},
    {"n_mels": 20, "mel_scale": "htk"},
]
_TF = [
    {"frame_length": 400, "frame_step": 160},
    {"frame_length": 255, "frame_step": 128, "window": None},
    {"frame_length": 301, "frame_step": 100, "fft_length": 640, "window": "hamming", "pad_end": True},
]

CASES = {
    "whisper_openai": (None, [{}, {"n_mels": 128, "pad30": True}, {"tail_pad": 12345}, {"tail_pad": 100}]),
    "whisper_hf": (
        None,
        [
            {},
            {"pad30": False, "n_mels": 64, "path": "numpy"},
            {"chunk_length": 1, "do_normalize": True, "path": "torch"},
            {"pad30": False, "chunk_length": 1},
        ],
    ),
    "kaldi_fbank": (16000, [*_KALDI, *_NATIVE, *_FBANK]),
    "kaldi_mfcc": (16000, [*_KALDI, *_NATIVE, *_MFCC, {"use_energy": False, "htk_compat": True}]),
    "torchaudio_kaldi_fbank": (8000, [
        *[c for c in _KALDI if "high_freq" not in c], *_FBANK, {"subtract_mean": True, "high_freq": -100},
        {"low_freq": 100, "frame_length": 32.0, "frame_shift": 8.0},
    ]),
    "torchaudio_kaldi_mfcc": (16000, [
        *_KALDI, *_MFCC, {"subtract_mean": True, "energy_floor": 0.0, "use_energy": True}
    ]),
    "wespeaker_fbank": (None, [{}, {"num_mel_bins": 40}]),
    "librosa_melspectrogram": (22050, [*_LIBROSA, *_NORMS]),
    "librosa_logmel": (22050, [
        *_LIBROSA, *_NORMS, {"ref": "max"}, {"ref": 0.5, "amin": 1e-5, "top_db": None}, {"top_db": 30}
    ]),
    "librosa_mfcc": (22050, [
        *_LIBROSA, {"n_mfcc": 13, "lifter": 22, "norm": None}, {"mel_norm": None}, {"mel_norm": 1.0}
    ]),
    "torchaudio_spectrogram": (16000, [
        *_TORCHAUDIO, {"power": None}, {"power": None, "pad_mode": "circular"}
    ]),
    "torchaudio_melspectrogram": (16001, _TORCH_MEL),
    "torchaudio_logmel_db": (16000, [*_TORCH_MEL, {"top_db": 60.0}, {"stype": "magnitude", "top_db": 0}]),
    "torchaudio_mfcc": (16000, [
        *_TORCH_MEL[:-1], {"n_mfcc": 13, "log_mels": True}, {"dct_norm": None}
    ]),
    "torchaudio_lfcc": (16000, [
        *_TORCHAUDIO, {"n_lfcc": 13, "n_filter": 60, "log_lf": True},
        {"dct_norm": None, "f_min": 30, "f_max": 5000},
    ]),
    "nemo_mel": (16000, [
        {},
        {"n_mels": 64, "n_fft": None, "win": 320, "pad_to": 16, "pad_value": -3.0},
        {"window": "hamming", "preemph": None, "normalize": "all_features", "legacy_len": True},
        {"window": "blackman", "lowfreq": 60, "highfreq": 7000, "mel_norm": None, "normalize": None},
        {"window": "bartlett", "mag_power": 1.0, "log": False, "normalize": None, "hop": 200},
        {"guard_type": "clamp", "guard_value": "eps"},
        {"guard_value": "tiny", "n_mels": 40},
        {"guard_value": 1e-3, "preemph": 0.5, "win": 512},
    ]),
    "parakeet_hf": (None, [
        {}, {"n_mels": 128, "n_fft": 1024, "win": 512, "hop": 200, "preemph": None}, {"preemph": 0.9}
    ]),
    "seamless_m4t": (None, [
        {}, {"norm": False, "num_mel_bins": 40}, {"stride": 3, "pad_to_multiple_of": None},
        {"stride": 1, "pad_to_multiple_of": 4, "padding_value": 1.5},
    ]),
    "ast": (None, [
        {}, {"max_length": 50, "num_mel_bins": 64}, {"do_normalize": False, "path": "numpy"},
        {"mean": -1.0, "std": 2.0, "path": "torch"},
    ]),
    "clap": (None, [
        {"max_length_s": 2},
        {"max_length_s": 1.5, "truncation": "rand_trunc", "padding": "repeat"},
        {"max_length_s": 3, "padding": "pad", "frequency_min": 50, "frequency_max": 12000},
        {"max_length_s": 0.5, "feature_size": 40},
        {"max_length_s": None, "fft_window_size": 512, "hop_length": 320},
        {"max_length_s": 0.2, "truncation": "rand_trunc", "offset": 1234},
        {"max_length_s": 0.2, "offset": 5},
    ]),
    "hifigan_mel": (22050, [
        {}, {"n_fft": 2048, "num_mels": 100, "hop": 512, "win": 1200, "fmin": 20, "fmax": None}
    ]),
    "univnet_mel": (None, [{}, {"do_normalize": True, "max_length_s": 0.5}, {"max_length_s": None}]),
    "vocos_mel": (24001, [{}, {"padding": "same"}, {"n_fft": 512, "hop_length": 128, "n_mels": 40}]),
    "vggish_logmel": (None, [
        {}, {"log_offset": 1.0, "window_length_secs": 0.03, "hop_length_secs": 0.011},
        {"num_mel_bins": 20, "lower_edge_hertz": 0, "upper_edge_hertz": 8000},
    ]),
    "yamnet_logmel": (None, [{}]),
    "speecht5_mel": (None, [
        {}, {"num_mel_bins": 40, "fmin": 0, "fmax": 8000, "mel_floor": 1e-5},
        {"win_length": 50, "hop_length": 12.5},
    ]),
    "speech_to_text_fbank": (None, [
        {}, {"num_mel_bins": 40, "do_ceptral_normalize": False}, {"normalize_means": False},
        {"normalize_vars": False},
    ]),
    "phi4mm_mel": (None, [
        {}, {"feature_size": 40, "preemphasis": 0.0, "mel_min_frequency": 50, "mel_max_frequency": 8000}
    ]),
    "gemma3n_mel": (None, [
        {}, {"preemphasis": 0.0, "fft_overdrive": False},
        {"preemphasis_htk_flavor": False, "max_length": 5000},
        {"feature_size": 3, "per_bin_mean": [1.0, 2.0, 3.0], "per_bin_stddev": [0.5, 1.0, 2.0]},
        {"min_frequency": 0, "max_frequency": 8000, "mel_floor": 1e-3, "input_scale_factor": 2.0},
    ]),
    "granite_speech_mel": (None, [{}, {"n_fft": 400, "win_length": 320, "hop_length": 200, "n_mels": 40}]),
    "scipy_stft": (8000, [
        {}, {"window": "hamming", "nperseg": 100, "noverlap": 30, "nfft": 128, "detrend": "constant"},
        {"boundary": "even", "detrend": "linear", "scaling": "psd"}, {"boundary": "odd", "padded": False},
        {"boundary": "constant", "nperseg": 101}, {"boundary": None, "window": ["kaiser", 5.0]},
        {"nperseg": 200, "db_floor": -60.0},
    ]),
    "scipy_spectrogram": (8000, [
        {}, {"window": "hann", "nperseg": 101, "noverlap": 50, "scaling": "spectrum"},
        {"detrend": False, "nfft": 300}, {"detrend": "linear", "nfft": 301},
        {"db_floor": -100.0},
    ]),
    "scipy_shorttimefft": (8000, [
        {"nperseg": 256, "hop": 64},
        {"nperseg": 255, "hop": 100, "sym": True, "mfft": 300, "scale_to": "psd"},
        {"nperseg": 100, "hop": 30, "window": "hamming", "scale_to": "magnitude", "phase_shift": None},
        {"nperseg": 64, "hop": 20, "window": "boxcar", "phase_shift": -17},
        {"nperseg": 128, "hop": 50, "db_floor": -50.0},
    ]),
    "tf_stft_magnitude": (16000, _TF),
    "tf_logmel": (16000, [*_TF, {**_TF[0], "n_mels": 40, "fmin": 0.0, "fmax": 8000, "offset": 1e-3}]),
    "tf_mfcc": (16000, [
        *_TF, {**_TF[0], "n_mfcc": 13, "n_mels": 40, "fmin": 20, "fmax": 7000, "offset": 1}]),
    "tf_audio_spectrogram": (16000, [
        {"window_size": 480, "stride": 160}, {"window_size": 333, "stride": 100, "magnitude_squared": True}
    ]),
    "tf_speech_commands_mfcc": (16000, [
        {"window_size": 480, "stride": 320},
        {"window_size": 400, "stride": 160, "n_coeff": 20, "lower_frequency_limit": 100,
         "upper_frequency_limit": 7000, "filterbank_channel_count": 30},
    ]),
    "qwen3_asr_mel": (None, [
        {}, {"pad30": False, "feature_size": 40, "n_window": 30}, {"chunk_length": 1, "min_length": 20000},
        {"pad30": False, "min_length": 0, "n_window": 0},
    ]),
    "voxtral_realtime_mel": (None, [
        {}, {"feature_size": 40, "n_fft": 512, "hop_length": 128, "global_log_mel_max": None},
        {"n_fft": 401, "global_log_mel_max": 7},
    ]),
    "moss_mel": (None, [{}, {"feature_size": 40, "chunk_length": 1}]),
    "dots3_note_mel": (None, [{}, {"feature_size": 40, "chunk_length": 1}]),
    "cohere_asr_mel": (None, [
        {}, {"feature_size": 40, "n_fft": 640, "win_length": 512, "hop_length": 200, "preemphasis": None},
        {"max_audio_clip_s": 0.8, "preemphasis": 0.9},
    ]),
    "nemotron_asr_mel": (None, [
        {}, {"feature_size": 40, "n_fft": 640, "win_length": 512, "hop_length": 200, "preemphasis": None},
        {"mel_filters_dtype": "bfloat16"},
    ]),
    "gemma4_mel": (None, [
        {}, {"preemphasis": 0.97, "fft_overdrive": True, "max_length": 5000},
        {"preemphasis": 0.9, "preemphasis_htk_flavor": False, "max_length": 12222},
        {"feature_size": 3, "per_bin_mean": [1.0, 2.0, 3.0], "per_bin_stddev": [0.5, 1.0, 2.0]},
        {"min_frequency": 50, "max_frequency": 7000, "mel_floor": 0.1, "input_scale_factor": 2.0},
    ]),
    "granite_speech5_mel": (None, [
        {}, {"n_fft": 400, "win_length": 320, "hop_length": 200, "num_mel_bins": 40},
        {"delta_win_length": 6, "logmel_floor_db": 3}, {"hop_length": 150},
    ]),
    "fun_asr_nano_fbank": (None, [
        {}, {"feature_size": 40, "num_frames_lfr": 4, "stride_lfr": 3},
        {"num_frames_lfr": 1, "stride_lfr": 5},
    ]),
    "neucodec_fbank": (None, [{}, {"hop_length": 300, "padding_value": 0.5}]),
    "xcodec2_fbank": (None, [{}, {"hop_length": 301, "padding_value": 0.5}, {"hop_length": 481}]),
    "lasr_mel": (None, [{}, {"feature_size": 40, "n_fft": 600, "win_length": 320, "hop_length": 100}]),
    "inkling_mel": (None, [
        {}, {"feature_size": 40, "n_fft": 2048, "window_size": 960, "hop_length": 480},
        {"n_fft": 512, "window_size": 400},
    ]),
    "clvp_mel": (None, [
        {}, {"feature_size": 3, "n_fft": 512, "hop_length": 200, "mel_norms": [2.0, 3.0, 5.0]},
        {"default_audio_length": 1},
    ]),
}  # fmt: skip

EVERY = [(name, rate, params) for name, (rate, cases) in CASES.items() for params in cases]
