"""Encoding of speech in every format: correct sound, available while it is being spoken."""

import io

import av
import numpy as np
import pytest

from services.gateway.speech.encoding import build_encoder
from services.gateway.speech.formats import ELEVENLABS_FORMATS, OPENAI_FORMATS, AudioTarget

HEADLESS = {"mulaw", "alaw"}
TARGETS = {
    **OPENAI_FORMATS,
    **{name: ELEVENLABS_FORMATS[name] for name in ("mp3_44100_128", "pcm_8000", "wav_48000", "ulaw_8000")},
}
each_target = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())
SECONDS = 1.5
HERTZ = 440.0


def tone(rate: int) -> bytes:
    samples = 0.5 * np.sin(2 * np.pi * HERTZ * np.arange(round(SECONDS * rate)) / rate)
    return (samples * 32767).astype("<i2").tobytes()


def encode(target: AudioTarget, rate: int, chunk_bytes: int) -> list[bytes]:
    encoder = build_encoder(target, rate)
    pcm = tone(rate)
    chunks = [encoder.encode(pcm[at : at + chunk_bytes]) for at in range(0, len(pcm), chunk_bytes)]
    return [*chunks, encoder.finish()]


def decode(data: bytes, target: AudioTarget) -> tuple[np.ndarray, int]:
    """Returns mono samples from -1 to 1, and their rate."""
    if target.container == "raw":
        return np.frombuffer(data, dtype="<i2") / 32768, target.rate
    headless = target.container in HEADLESS
    options = {"sample_rate": str(target.rate)} if headless else {}
    with av.open(io.BytesIO(data), "r", target.container if headless else None, options) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="flt", layout="mono", rate=stream.rate)
        frames = [each for frame in container.decode(stream) for each in resampler.resample(frame)]
        return np.concatenate([frame.to_ndarray().ravel() for frame in frames]), stream.rate


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000])
@each_target
def test_every_format_decodes_to_the_encoded_tone(target: AudioTarget, rate: int):
    samples, decoded_rate = decode(b"".join(encode(target, rate, 4_000)), target)
    assert len(samples) / decoded_rate == pytest.approx(SECONDS, abs=0.1)
    middle = samples[len(samples) // 4 : len(samples) * 3 // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * decoded_rate / len(middle) == pytest.approx(HERTZ, abs=3)
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.1)


@each_target
def test_bytes_are_returned_before_the_speech_ends(target: AudioTarget):
    *early, _ = encode(target, 22_050, 4_000)
    assert sum(map(len, early)) > 0


@pytest.mark.parametrize("name", ["pcm", "wav", "flac", "ulaw_8000"])
def test_the_division_into_chunks_does_not_change_the_sound(name: str):
    target = TARGETS[name]
    whole, _ = decode(b"".join(encode(target, 22_050, 10**6)), target)
    cut, _ = decode(b"".join(encode(target, 22_050, 1_234)), target)
    np.testing.assert_array_equal(cut, whole)


def test_speech_without_samples_is_still_a_file():
    encoder = build_encoder(TARGETS["wav"], 22_050)
    data = encoder.encode(b"") + encoder.finish()
    assert (data[:4], data[8:12], len(data)) == (b"RIFF", b"WAVE", 44)


@pytest.mark.parametrize("name", ["mp3_44100_32", "mp3_44100_192"])
def test_the_bit_rate_is_that_of_the_format(name: str):
    data = b"".join(encode(ELEVENLABS_FORMATS[name], 22_050, 4_000))
    assert len(data) * 8 / SECONDS == pytest.approx(int(name.rpartition("_")[2]) * 1000, rel=0.1)
