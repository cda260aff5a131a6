"""The command line: `frontends` and `compare`."""

import json

import numpy as np
import soundfile

import spectrograms as sg
from spectrograms._frontends.making import frontend
from spectrograms.cli import main


def run(*argv):
    try:
        return main([str(part) for part in argv])
    except SystemExit as error:
        return error.code


def test_cli_lists_frontends(capsys):
    assert run("frontends") == 0
    assert "whisper_openai" in capsys.readouterr().out
    assert run("frontends", "kaldi_fbank") == 0
    assert "window_type: default 'povey'; one of 'povey', 'hamming'" in capsys.readouterr().out
    assert run("frontends", "tf_logmel", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["parameters"]["frame_step"]["required"]
    assert run("frontends", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["frontends"]) == 52
    assert run("frontends", "kaldi") == 2
    assert "candidates are kaldi_fbank, kaldi_mfcc" in capsys.readouterr().err


def test_cli_compares(capsys, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(frontend("kaldi_fbank", num_mel_bins=80).to_json())
    assert run("compare", path, "kaldi_fbank,num_mel_bins=80,window_type=hamming") == 0
    assert "povey, symmetric" in capsys.readouterr().out
    audio = tmp_path / "a.wav"
    soundfile.write(audio, np.sin(np.arange(8000) * 0.1), 16000)
    assert run("compare", "librosa_logmel", "torchaudio_logmel_db", "--audio", audio, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["measured"]["frames"] == 22
    assert "mel scale" in [d["convention"] for d in document["differences"]]
    params = sg.SpectrogramParams(sg.StftParams(400, 160, "hann"), 16000)
    text = sg.SpectrogramPlan(params, sg.MelParams(80, 0.0, 8000.0)).to_json()
    path = tmp_path / "plan.json"
    path.write_text(text)
    for form in (path, text):
        assert run("compare", form, "whisper_openai", "--json") == 0
        assert json.loads(capsys.readouterr().out)["a"] == json.loads(text)
    assert run("compare", "no_such", "kaldi_fbank") == 2
    assert run("compare", "kaldi_fbank,oops", "kaldi_fbank") == 2
    assert run("compare", "kaldi_fbank,snip=1", "kaldi_fbank") == 2
