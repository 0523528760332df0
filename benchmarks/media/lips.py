"""Measures lips against sounds in finished MP4s: of the voices of every TTS engine, and of a recording.

Without the models of a neural voice its rows are left out.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.media.clips import Clip, build_clips
from benchmarks.media.mouth_track import track_mouth
from benchmarks.media.sync import CLOSED, Sync, bilabial_frames, heard_from_timeline, sync_of
from benchmarks.media.voices import opens
from benchmarks.media.workbench import Workbench
from benchmarks.mp4 import read_sound
from benchmarks.page import markdown
from benchmarks.recogniser import HeardSound, align_sounds, recognise_sounds
from services.chassis.engine_api.timeline import TimedPhoneme
from services.tts.engines.espeak.engine import EspeakEngine
from services.tts.engines.hibari.engine import HibariEngine
from services.tts.engines.kokoro.engine import KokoroEngine
from services.tts.engines.protocol import TtsEngine
from tests.examples import READER, READER_TEXT

SIZE = "512x512"
ENGINES: Sequence[Callable[[], TtsEngine]] = (EspeakEngine, HibariEngine, KokoroEngine)
HEAD = ("speech", "clips", "offset, ms", "worst clip, ms", "correlation", "bilabial frames", "closed")
NOTE = (
    "Offset: median over the clips, above zero the mouth is late. The opening between the inner lips is "
    "found by MediaPipe in every decoded frame; English is compared with the sounds that PocketSphinx hears "
    "in the MP4's own audio (it is given no words), other languages with the speech engine's timeline, for "
    "PocketSphinx has no model of them. Bilabial frames are those whose middle is within /m/, /b/ or /p/ by "
    "the timeline, for the recording by an alignment of its text; closed is an opening of at most "
    f"{CLOSED:.0%} of the distance of the eyes' corners."
)


@dataclass(frozen=True, slots=True)
class Measured:
    """The measures of one video. `speech` says whose speech it is."""

    speech: str
    sync: Sync
    closed: NDArray[np.bool_]
    """For each bilabial frame whether the lips are closed."""


def measure(bench: Workbench) -> str:
    """Returns the table of the engines' languages and of a recording, with its note."""
    names, missing = engines_here()
    clips = [print_measured(measure_clip(bench, clip)) for clip in build_clips(names)]
    recording = print_measured(measure_recording(bench))
    speeches = dict.fromkeys(each.speech for each in clips)
    rows = [row(speech, [each for each in clips if each.speech == speech]) for speech in speeches]
    table = markdown(HEAD, [*rows, row("all", clips), row("`reader.wav`, a recording", [recording])])
    left_out = [f"Left out, for they are not on this machine: {', '.join(missing)}."] if missing else []
    return "\n\n".join((table, " ".join((NOTE, *left_out))))


def engines_here() -> tuple[list[str], list[str]]:
    """Returns the names of the engines that can speak here, and of those that lack a model or a package."""
    names: tuple[list[str], list[str]] = [], []
    for make in ENGINES:
        engine = make()
        names[not opens(engine)].append(engine.spec.name)
        engine.close()
    return names


def measure_clip(bench: Workbench, clip: Clip) -> Measured:
    video = make_video(bench, script=clip.script, voice=clip.voice)
    exact = heard_from_timeline(spoken_phonemes(bench, clip))
    heard = recognise_sounds(*read_sound(video)) if clip.is_english else exact
    return measure_video(f"{clip.engine}, {clip.language}", video, heard, exact)


def spoken_phonemes(bench: Workbench, clip: Clip) -> list[TimedPhoneme]:
    """Returns the phonemes that the stack reports while it speaks the clip's script once more."""
    request = {"input": clip.script, "voice": clip.voice, "model": clip.engine, "stream_format": "sse"}
    answer = bench.http.post("/v1/audio/speech", json=request).raise_for_status()
    return phonemes_of_events(answer.text)


def measure_recording(bench: Workbench) -> Measured:
    video = make_video(bench, audio=bench.api.upload(READER))
    sound = read_sound(video)
    return measure_video("a recording", video, recognise_sounds(*sound), align_sounds(*sound, READER_TEXT))


def make_video(bench: Workbench, **request: str) -> Path:
    """Makes a video of the example portrait and returns its file."""
    video = bench.api.make(image=bench.portrait, size=SIZE, **request)
    return bench.api.download(video["id"], bench.new_file(".mp4"))


def measure_video(
    speech: str, video: Path, heard: Iterable[HeardSound], exact: Iterable[HeardSound]
) -> Measured:
    track = track_mouth(video)
    return Measured(speech, sync_of(track, heard), bilabial_frames(track, exact))


def print_measured(measured: Measured) -> Measured:
    closed = f"{int(measured.closed.sum())} of {len(measured.closed)} bilabial frames closed"
    sync = measured.sync
    print(
        f"{measured.speech}: {sync.milliseconds:+.0f} ms, correlation {sync.correlation:.2f}, {closed}",
        flush=True,
    )
    return measured


def phonemes_of_events(events: str) -> list[TimedPhoneme]:
    """Returns the phonemes in the events of `POST /v1/audio/speech`.

    Raises `RuntimeError` if one of them tells of an error.
    """
    phonemes: list[TimedPhoneme] = []
    for line in events.splitlines():
        field, _, value = line.partition(": ")
        event: dict[str, Any] = json.loads(value) if field == "data" else {}
        if event.get("type") == "error":
            raise RuntimeError(event["error"]["message"])
        phonemes += [
            TimedPhoneme(each["phoneme"], each["start"], each["end"]) for each in event.get("phonemes", ())
        ]
    return phonemes


def row(name: str, videos: Sequence[Measured]) -> tuple[str, ...]:
    """Returns the row of some videos: medians of their measures, and how many bilabial frames are closed."""
    offsets = [each.sync.milliseconds for each in videos]
    closed = np.concatenate([each.closed for each in videos])
    return (
        name,
        str(len(videos)),
        f"{median(offsets):+.0f}",
        f"{max(offsets, key=abs):+.0f}",
        f"{median(each.sync.correlation for each in videos):.2f}",
        str(len(closed)),
        f"{closed.mean():.0%}" if len(closed) else "–",
    )
