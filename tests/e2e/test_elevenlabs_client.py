"""Calls of the official `elevenlabs` client, unmodified except for its base URL."""

import base64
import io
from collections.abc import Iterable, Iterator
from typing import Any

import av
import httpx2
import numpy as np
import pytest
import soundfile
from elevenlabs import VoiceSettings
from elevenlabs.client import ElevenLabs
from elevenlabs.core.api_error import ApiError
from elevenlabs.errors.unprocessable_entity_error import UnprocessableEntityError

from benchmarks.recogniser import WordRecogniser
from tests.e2e.stack import Stack
from tests.examples import PORTRAIT, READER
from tests.models import NEEDS_WHISPER

TEXT = "The quick brown fox jumps over the lazy dog. Then it sleeps."


@pytest.fixture(scope="module")
def eleven(stack: Stack) -> ElevenLabs:
    return ElevenLabs(base_url=stack.url, api_key=stack.api_key)


def decoded(data: bytes) -> tuple[str, np.ndarray, int]:
    """Returns codec, mono samples and rate."""
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="flt", layout="mono", rate=stream.rate)
        frames = [each for frame in container.decode(stream) for each in resampler.resample(frame)]
        samples = np.concatenate([frame.to_ndarray().ravel() for frame in frames])
        return stream.codec_context.name, samples, stream.rate


def pcm(chunks: Iterable[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(chunks), dtype="<i2") / 32768


@pytest.mark.parametrize(
    ("output_format", "codec", "rate"),
    [("mp3_44100_128", "mp3", 44_100), ("opus_48000_32", "opus", 48_000), ("wav_16000", "pcm_s16le", 16_000)],
)
def test_text_to_speech(eleven: ElevenLabs, output_format: str, codec: str, rate: int):
    audio = eleven.text_to_speech.convert("en-us", text=TEXT, output_format=output_format)
    found, samples, found_rate = decoded(b"".join(audio))
    assert (found.removesuffix("float"), found_rate) == (codec, rate)
    assert 2 < len(samples) / rate < 6
    assert np.abs(samples).max() > 0.05


def test_streamed_speech_is_the_same_speech(eleven: ElevenLabs):
    whole = b"".join(eleven.text_to_speech.convert("en-gb", text=TEXT, output_format="pcm_16000"))
    stream = eleven.text_to_speech.stream(
        "en-gb",
        text=TEXT,
        model_id="espeak",
        output_format="pcm_16000",
        voice_settings=VoiceSettings(stability=0.5, similarity_boost=0.7, speed=1.0),
    )
    assert b"".join(stream) == whole


def test_telephone_speech_and_speed(eleven: ElevenLabs):
    lengths = [
        len(
            b"".join(
                eleven.text_to_speech.convert(
                    "en-us",
                    text=TEXT,
                    output_format="ulaw_8000",
                    voice_settings=VoiceSettings(speed=speed),
                )
            )
        )
        for speed in (1.0, 2.0)
    ]
    assert 2 < lengths[0] / 8_000 < 6
    assert lengths[1] < 0.7 * lengths[0]


def test_every_character_has_its_time(eleven: ElevenLabs):
    spoken = eleven.text_to_speech.convert_with_timestamps("en-us", text=TEXT, output_format="pcm_24000")
    seconds = len(base64.b64decode(spoken.audio_base_64)) / 48_000
    alignment = spoken.alignment
    assert alignment is not None
    assert "".join(alignment.characters) == TEXT
    starts, ends = alignment.character_start_times_seconds, alignment.character_end_times_seconds
    assert all(start <= end for start, end in zip(starts, ends, strict=True))
    assert starts == sorted(starts)
    assert ends[-1] == pytest.approx(seconds, abs=0.05)
    fox = TEXT.index("fox")
    assert 0.15 * seconds < starts[fox] < 0.4 * seconds


def test_times_stream_with_the_audio(eleven: ElevenLabs):
    chunks = list(eleven.text_to_speech.stream_with_timestamps("en-us", text=TEXT, output_format="pcm_24000"))
    whole = eleven.text_to_speech.convert_with_timestamps("en-us", text=TEXT, output_format="pcm_24000")
    assert len(chunks) > 1
    audio = b"".join(base64.b64decode(chunk.audio_base_64) for chunk in chunks)
    assert audio == base64.b64decode(whole.audio_base_64)
    times = [
        time
        for chunk in chunks
        if chunk.alignment is not None
        for time in chunk.alignment.character_start_times_seconds
    ]
    assert whole.alignment is not None
    assert times == whole.alignment.character_start_times_seconds


def test_speech_to_speech_keeps_the_words(eleven: ElevenLabs):
    recording = READER.read_bytes()
    changed = eleven.speech_to_speech.convert(
        "en-us", audio=("reader.wav", recording), output_format="pcm_16000"
    )
    samples = pcm(changed)
    assert len(samples) / 16_000 == pytest.approx(7.1, abs=0.3)
    assert (
        len({"john", "leisure", "consider"} & set(WordRecogniser().hear(samples.astype(np.float32), 16_000)))
        >= 2
    )


def test_speech_to_speech_of_raw_samples_streams(eleven: ElevenLabs):
    _, samples, rate = decoded(READER.read_bytes())
    raw = np.interp(np.arange(0, len(samples) / rate, 1 / 16_000), np.arange(len(samples)) / rate, samples)
    stream = eleven.speech_to_speech.stream(
        "en-gb",
        audio=("raw", (raw * 32767).astype("<i2").tobytes()),
        file_format="pcm_s16le_16",
        voice_settings='{"similarity_boost": 0.5}',
        output_format="mp3_44100_64",
    )
    codec, changed, changed_rate = decoded(b"".join(stream))
    assert codec.startswith("mp3")
    assert len(changed) / changed_rate == pytest.approx(7.1, abs=0.3)


@pytest.mark.parametrize(
    ("voice", "audio", "status"),
    [
        ("nobody", b"RIFF", "voice_unknown"),
        ("asset_none", b"RIFF", "voice_unknown"),
        ("en-us", b"", "file_empty"),
        ("en-us", b"no recording at all", "unsupported_media_type"),
        ("en-us", PORTRAIT.read_bytes(), "audio_wrong_kind"),
    ],
)
def test_what_is_no_voice_and_no_recording_is_refused(
    eleven: ElevenLabs, voice: str, audio: bytes, status: str
):
    with pytest.raises(ApiError) as refused:
        list(eleven.speech_to_speech.convert(voice, audio=("audio", audio)))
    assert refused.value.body["detail"]["status"] == status


def pages(eleven: ElevenLabs, **query: Any) -> Iterator[str]:
    token = None
    while True:
        page = eleven.voices.search(next_page_token=token, **query)
        yield from (voice.voice_id for voice in page.voices)
        token = page.next_page_token
        if not page.has_more:
            return


def test_voices_are_listed_searched_and_found(eleven: ElevenLabs):
    every = eleven.voices.get_all().voices
    assert "en-us" in [voice.voice_id for voice in every]
    assert list(pages(eleven, page_size=50)) == [voice.voice_id for voice in every]
    german = list(pages(eleven, language="de"))
    assert "de" in german
    assert set(german) < {voice.voice_id for voice in every}
    voice = eleven.voices.get("en-us")
    assert (voice.category, voice.labels and voice.labels["language"]) == ("premade", "en-US")


def test_a_voice_of_elevenlabs_speaks_with_their_model(eleven: ElevenLabs):
    speech = eleven.text_to_speech.convert(
        "21m00Tcm4TlvDq8ikWAM", text="Hello there.", model_id="eleven_multilingual_v2"
    )
    assert len(b"".join(speech)) > 4000


def test_a_voice_has_a_preview_that_is_kept(eleven: ElevenLabs, stack: Stack):
    voice = eleven.voices.get("heart")
    assert (voice.labels or {})["gender"] == "female"
    with httpx2.Client(base_url=stack.url, headers={"xi-api-key": stack.api_key}) as http:
        first = http.get(voice.preview_url or "")
        again = http.get(voice.preview_url or "", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, first.headers["content-type"], again.status_code) == (200, "audio/mpeg", 304)
    assert len(first.content) > 10_000


def test_models_are_listed(eleven: ElevenLabs):
    models = {model.model_id: model for model in eleven.models.list()}
    assert models["espeak"].can_do_text_to_speech
    assert models["world"].can_do_voice_conversion


def test_a_refusal_is_the_clients_own_error(eleven: ElevenLabs, stack: Stack):
    with pytest.raises(UnprocessableEntityError) as refused:
        list(eleven.text_to_speech.convert("nobody", text="Hello."))
    assert refused.value.body["detail"]["status"] == "voice_unknown"
    assert "GET /v1/voices" in refused.value.body["detail"]["message"]
    with pytest.raises(ApiError) as stranger:
        ElevenLabs(base_url=stack.url, api_key="wrong").models.list()
    assert (stranger.value.status_code, stranger.value.body["detail"]["status"]) == (401, "invalid_api_key")


@NEEDS_WHISPER
@pytest.mark.parametrize("file_format", ["other", "pcm_s16le_16"])
def test_speech_to_text(eleven: ElevenLabs, file_format: str):
    samples, _ = soundfile.read(READER, dtype="int16")
    recording = samples.tobytes() if file_format == "pcm_s16le_16" else READER.read_bytes()
    made: Any = eleven.speech_to_text.convert(
        model_id="scribe_v1", file=recording, language_code="eng", file_format=file_format
    )
    assert (made.language_code, made.text[:21]) == ("eng", "And Mr. John Dashwood")
    assert [word.text for word in made.words[:3]] == ["And", " ", "Mr"]
    assert made.words[-1].end == pytest.approx(6.8, abs=0.1)


@NEEDS_WHISPER
def test_speakers_are_not_told_apart(eleven: ElevenLabs):
    with READER.open("rb") as recording, pytest.raises(UnprocessableEntityError, match="field_unsupported"):
        eleven.speech_to_text.convert(model_id="scribe_v1", file=recording, diarize=True)


def test_a_voice_is_cloned_and_spoken_in(eleven: ElevenLabs):
    with READER.open("rb") as recording:
        labels = {"consent": "The reader has agreed.", "accent": "American"}
        made = eleven.voices.ivc.create(name="Reader", files=[recording], labels=labels)
    assert not made.requires_verification
    voice = eleven.voices.get(made.voice_id)
    assert (voice.name, voice.category, (voice.labels or {})["accent"]) == ("Reader", "cloned", "American")
    assert made.voice_id in [each.voice_id for each in eleven.voices.search(category="cloned").voices]
    speech = b"".join(eleven.text_to_speech.convert(made.voice_id, text=TEXT, output_format="pcm_16000"))
    assert speech != b"".join(eleven.text_to_speech.convert("en-us", text=TEXT, output_format="pcm_16000"))
    assert eleven.voices.delete(made.voice_id).status == "ok"
    with pytest.raises(ApiError):
        eleven.voices.get(made.voice_id)


def test_a_voice_without_consent_is_refused(eleven: ElevenLabs):
    with READER.open("rb") as recording, pytest.raises(ApiError) as refused:
        eleven.voices.ivc.create(name="Reader", files=[recording])
    assert refused.value.status_code == 403
    assert refused.value.body["detail"]["status"] == "consent_required"
