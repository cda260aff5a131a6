"""Sound files to samples.

``sources`` is where bytes come from: paths, objects in stores, bytes, file objects, and what ``sounds`` adds
to them; files of sound have one of ``suffixes``. ``decoder`` says what a decoder is; ``memory`` has that of
samples which are here already. ``decoding`` opens a recording with the decoder that suits it and reads
forward; ``mpeg`` takes MP3 apart into frames for it, ``joined`` finds where one FLAC or Ogg ends and the next
begins, ``wave`` understands plain WAV files, ``repair`` mends headers that state no length, and ``libav`` has
the decoder for what libsndfile does not know. ``reading`` are the public functions, which cut, mix and, by
``resampling``, change the rate.
"""

from spectrograms.audio.reading import AudioInfo, audio_blocks, audio_info, read_audio

__all__ = ["AudioInfo", "audio_blocks", "audio_info", "read_audio"]
