"""Calls of the official `openai` client. The client deprecates its own videos; the gateway's stay."""

# The client marks its videos as deprecated; the gateway serves them all the same.
# pyright: reportDeprecated=false

# pyright: reportDeprecated=false

import base64
import io
import json
from pathlib import Path
from typing import Any

import av
import openai
import pytest

from services.tts.word_check import errors_between
from services.tts.word_check import plain as letters_of
from tests.e2e.api import Api
from tests.examples import PORTRAIT, READER, READER_TEXT
from tests.models import NEEDS_WHISPER

SMALL: Any = "512x512"
"""A size that the client's types do not know, and that the client sends all the same."""

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_a_video_is_created_polled_listed_downloaded_and_deleted(client: openai.OpenAI, tmp_path: Path):
    with PORTRAIT.open("rb") as portrait:
        created = client.videos.create(
            prompt="The official client made this video.",
            model="puppet",
            size=SMALL,
            input_reference=portrait,
        )
    assert (created.object, created.model, created.size) == ("video", "puppet", "512x512")
    video = client.videos.poll(created.id)
    assert (video.status, video.progress, video.error) == ("completed", 100, None)
    assert float(video.seconds) > 1
    assert video.completed_at is not None
    assert video.completed_at >= video.created_at

    assert created.id in [each.id for each in client.videos.list(limit=100)]

    content = client.videos.download_content(created.id)
    content.write_to_file(tmp_path / "video.mp4")
    with av.open(str(tmp_path / "video.mp4")) as container:
        assert {stream.type for stream in container.streams} == {"video", "audio"}
    thumbnail = client.videos.download_content(created.id, variant="thumbnail").read()
    assert thumbnail.startswith(b"\xff\xd8")

    assert client.videos.delete(created.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve(created.id)


def test_a_remix_says_new_words_with_the_same_face_and_voice(client: openai.OpenAI, portrait: str):
    fields: Any = {"script": "These were the words.", "image": portrait, "voice": "en-gb"}
    video = client.videos.create_and_poll(prompt="smile", model="puppet", size=SMALL, extra_body=fields)
    again = client.videos.poll(client.videos.remix(video.id, prompt="And these are new ones.").id)
    assert (again.status, again.remixed_from_video_id) == ("completed", video.id)
    request: Any = again.to_dict()["request"]
    kept = ("image", "voice", "prompt", "size")
    assert [request[name] for name in kept] == [portrait, "espeak:en-gb", "smile", SMALL]
    assert request["script"] == "And these are new ones."


def test_a_remix_of_one_scene_renders_that_scene_only(client: openai.OpenAI, portrait: str):
    scenes = [{"script": "The first scene stays."}, {"script": "The second one changes."}]
    fields: Any = {"scenes": scenes, "image": portrait, "size": "256x256"}
    video: Any = client.post("/videos", body=fields, cast_to=object)
    client.videos.poll(video["id"])
    changes = {"scenes": [{}, {"script": "The second one has changed."}]}
    again: Any = client.post(f"/videos/{video['id']}/remix", body=changes, cast_to=object)
    client.videos.poll(again["id"])
    done: Any = client.videos.retrieve(again["id"]).to_dict()
    caches = {stage["name"]: stage["cache"] for stage in done["stages"]}
    assert caches == {
        "scene-0/tts": "hit",
        "scene-0/video": "hit",
        "scene-1/tts": "miss",
        "scene-1/video": "miss",
        "mux": "miss",
    }


def test_a_prompt_with_seconds_is_acted_for_so_long_and_unknown_words_are_told(client: openai.OpenAI):
    with PORTRAIT.open("rb") as portrait:
        video = client.videos.create_and_poll(
            prompt="Zoom in while dancing.", model="puppet", seconds="4", size=SMALL, input_reference=portrait
        )
    assert video.status == "completed"
    told: Any = video.to_dict()["warnings"]
    (warning,) = (each for each in told if each["code"] == "prompt_words_unknown")
    assert warning["message"].endswith("nothing here: dancing.")
    assert float(video.seconds) == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize(
    ("response_format", "codec"),
    [("mp3", "mp3"), ("opus", "opus"), ("aac", "aac"), ("flac", "flac"), ("wav", "pcm_s16le")],
)
def test_speech_streams_in_every_format(client: openai.OpenAI, response_format: Any, codec: str):
    with client.audio.speech.with_streaming_response.create(
        model="espeak",
        voice="en-us",
        input="Speech that streams while it is being made.",
        response_format=response_format,
    ) as response:
        data = b"".join(response.iter_bytes())
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.audio[0]
        samples = sum(frame.samples for frame in container.decode(stream))
        assert stream.codec_context.name.startswith(codec)
    assert 1.5 < samples / stream.rate < 6


def test_pcm_is_24_khz_and_speed_shortens_it(client: openai.OpenAI):
    lengths = [
        len(
            client.audio.speech.create(
                model="espeak", voice="en-us", input="One two three four.", response_format="pcm", speed=speed
            ).read()
        )
        for speed in (1.0, 2.0)
    ]
    assert 0.5 < lengths[0] / 48_000 < 4
    assert lengths[1] < 0.7 * lengths[0]


def test_speech_comes_as_events_with_the_times_of_its_words(client: openai.OpenAI):
    response = client.audio.speech.create(
        model="espeak",
        voice="en-us",
        input="One two three.",
        instructions="Speak slowly.",
        response_format="pcm",
        stream_format="sse",
    )
    events = [json.loads(line.removeprefix("data: ")) for line in response.text.splitlines() if line]
    audio = b"".join(base64.b64decode(e["audio"]) for e in events if e["type"] == "speech.audio.delta")
    words = [w for e in events if e["type"] == "speech.audio.timing" for w in e["words"]]
    assert [word["word"].strip(".").lower() for word in words] == ["one", "two", "three"]
    assert events[-1]["type"] == "speech.audio.done"
    seconds = events[-1]["usage"]["seconds"]
    assert len(audio) / 48_000 == pytest.approx(seconds, abs=0.05)
    assert 0 <= words[0]["start"] < words[-1]["end"] <= seconds


@pytest.mark.parametrize(
    ("model", "voice", "text"),
    [
        ("tts-1", "alloy", "The names of OpenAI work as they are."),
        ("gpt-4o-mini-tts", "marin", "So do the newer ones."),
        ("auto", "auto", "Guten Tag, und auf Wiedersehen, liebe Leute."),
        ("espeak", "en-us", "Say 你好 to them."),
    ],
)
def test_names_of_openai_and_languages_find_their_voice(
    client: openai.OpenAI, model: str, voice: str, text: str
):
    speech = client.audio.speech.create(model=model, voice=voice, input=text, response_format="pcm")
    assert 1 < len(speech.read()) / 48_000 < 6


def test_letters_that_a_voice_cannot_read_are_refused_with_voices_that_can(client: openai.OpenAI):
    with pytest.raises(openai.UnprocessableEntityError, match="such as 'cmn'") as refused:
        client.audio.speech.create(model="hibari", voice="heart", input="Say 你好 to them.")
    assert refused.value.code == "voice_unsuitable"


def test_models_are_listed(client: openai.OpenAI):
    assert {"puppet", "espeak"} <= {model.id for model in client.models.list()}
    assert client.models.retrieve("puppet").id == "puppet"


def test_a_wrong_key_and_a_wrong_model_are_the_clients_own_errors(client: openai.OpenAI):
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="wrong").models.list()
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        client.audio.speech.create(model="sora-2", voice="alloy", input="Hello")
    assert refused.value.code == "engine_unknown"


@NEEDS_WHISPER
@pytest.mark.parametrize("model", ["gpt-4o-transcribe", "whisper"])
def test_a_recording_is_transcribed(client: openai.OpenAI, model: str):
    with READER.open("rb") as recording:
        made = client.audio.transcriptions.create(file=recording, model=model, language="en", temperature=0)
    heard = [letters_of(word) for word in made.text.replace("Mr.", "Mister").split()]
    assert errors_between(READER_TEXT.split(), heard) <= 0.06 * len(READER_TEXT.split())


@NEEDS_WHISPER
def test_a_transcript_has_the_times_of_words_and_segments(client: openai.OpenAI):
    with READER.open("rb") as recording:
        made = client.audio.transcriptions.create(
            file=recording,
            model="whisper-1",
            prompt="A novel by Jane Austen.",
            response_format="verbose_json",
            timestamp_granularities=["word", "segment"],
        )
    assert (made.language, made.duration) == ("english", pytest.approx(7.1, abs=0.05))
    assert made.words is not None
    assert made.segments is not None
    assert (made.words[0].word, made.words[-1].word) == ("And", "them")
    assert (made.words[-1].start, made.words[-1].end) == (pytest.approx(6.6, abs=0.1), made.segments[-1].end)


@NEEDS_WHISPER
@pytest.mark.parametrize(
    ("response_format", "start"),
    [("text", "And Mr. John Dashwood"), ("vtt", "WEBVTT\n\n00:00:00.2")],
)
def test_a_transcript_comes_as_text_and_captions(client: openai.OpenAI, response_format: Any, start: str):
    with READER.open("rb") as recording:
        transcriptions: Any = client.audio.transcriptions
        made = transcriptions.create(file=recording, model="whisper-1", response_format=response_format)
    assert made.startswith(start)
    assert "power to do for them." in made


@NEEDS_WHISPER
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"language": "de"}, "language_unknown"),
        ({"model": "sphinx"}, "engine_unsuitable"),
        ({"model": "espeak"}, "engine_unknown"),
        ({"stream": True}, "stream_unsupported"),
        ({"response_format": "ass"}, "invalid_request"),
        ({"file": ("portrait.jpg", PORTRAIT.read_bytes())}, "audio_wrong_kind"),
    ],
)
def test_what_cannot_be_transcribed_is_refused(client: openai.OpenAI, fields: dict[str, Any], code: str):
    request: Any = {"file": ("reader.wav", READER.read_bytes()), "model": "whisper-1", **fields}
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        client.audio.transcriptions.create(**request)
    assert refused.value.code == code


def test_a_voice_is_cloned_and_spoken_in_at_once(client: openai.OpenAI, api: Api, portrait: str):
    with READER.open("rb") as recording:
        voice = client.audio.voices.create(
            name="Reader", audio_sample=recording, consent="The reader has agreed."
        )
    speech = client.audio.speech.create(
        model="tts-1", voice={"id": voice.id}, input="Hello there.", response_format="wav"
    )
    assert speech.read()
    shown = api.get(voice.id)
    assert (shown["status"], shown["name"], shown["similarity"]) == ("completed", "Reader", 0.9)
    video = api.make(script="[happy] Hello there.", image=portrait, voice=voice.id)
    assert {stage["name"]: stage["engine"] for stage in video["stages"]}["scene-0/tts"] == "mimic"
