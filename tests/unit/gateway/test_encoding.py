"""Speech in every format: it decodes to what was said, and comes while it is being said."""

import io
from typing import get_args

import av
import numpy as np
import pytest

from services.gateway.speech.encoding import MEDIA_TYPES, RATE, AudioFormat, build_encoder

FORMATS: tuple[AudioFormat, ...] = get_args(AudioFormat)
SECONDS = 1.5
HERTZ = 440.0


def tone(rate: int) -> bytes:
    samples = 0.5 * np.sin(2 * np.pi * HERTZ * np.arange(round(SECONDS * rate)) / rate)
    return (samples * 32767).astype("<i2").tobytes()


def encode(audio_format: AudioFormat, rate: int, chunk_bytes: int) -> list[bytes]:
    encoder = build_encoder(audio_format, rate)
    pcm = tone(rate)
    chunks = [encoder.encode(pcm[at : at + chunk_bytes]) for at in range(0, len(pcm), chunk_bytes)]
    return [*chunks, encoder.finish()]


def decode(data: bytes, audio_format: AudioFormat) -> tuple[np.ndarray, int]:
    """Mono samples from -1 to 1, and their rate."""
    if audio_format == "pcm":
        return np.frombuffer(data, dtype="<i2") / 32768, RATE
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="flt", layout="mono", rate=stream.rate)
        frames = [each for frame in container.decode(stream) for each in resampler.resample(frame)]
        return np.concatenate([frame.to_ndarray().ravel() for frame in frames]), stream.rate


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000])
@pytest.mark.parametrize("audio_format", FORMATS)
def test_every_format_decodes_to_the_tone_that_went_in(audio_format: AudioFormat, rate: int):
    samples, decoded_rate = decode(b"".join(encode(audio_format, rate, 4_000)), audio_format)
    assert len(samples) / decoded_rate == pytest.approx(SECONDS, abs=0.1)
    middle = samples[len(samples) // 4 : len(samples) * 3 // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * decoded_rate / len(middle) == pytest.approx(HERTZ, abs=3)
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("audio_format", FORMATS)
def test_something_leaves_before_the_last_word(audio_format: AudioFormat):
    *early, _ = encode(audio_format, 22_050, 4_000)
    assert sum(map(len, early)) > 0


@pytest.mark.parametrize("audio_format", ["pcm", "wav", "flac"])
def test_how_it_is_cut_into_chunks_is_not_heard(audio_format: AudioFormat):
    whole, _ = decode(b"".join(encode(audio_format, 22_050, 10**6)), audio_format)
    cut, _ = decode(b"".join(encode(audio_format, 22_050, 1_234)), audio_format)
    np.testing.assert_array_equal(cut, whole)


def test_silence_of_no_length_is_still_a_file():
    encoder = build_encoder("wav", 22_050)
    data = encoder.encode(b"") + encoder.finish()
    assert (data[:4], data[8:12], len(data)) == (b"RIFF", b"WAVE", 44)


def test_every_format_has_a_media_type():
    assert set(MEDIA_TYPES) == set(FORMATS)
