from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from likeness.mux.v1.mux_pb2 import AssemblyTask
from services.chassis.engine_api.video_format import VideoFormat
from services.chassis.errors import InvalidArgument
from services.chassis.worker.runner import Product
from services.mux.engines.protocol import AssembledAudio, Assembly, AudioAssembly, AudioFormat
from services.mux.stage_handler import request_from, result_of

AUDIO: dict[str, Any] = {
    "scenes": 2,
    "loudness_lufs": -18.0,
    "audio_format": "AUDIO_FORMAT_MP3",
    "gap_seconds": 0.3,
}
SPEECHES = {"speech.0": Path("a"), "speech.1": Path("b")}


def audio_task(**changes: Any) -> AssemblyTask:
    parameters: dict[str, Any] = AUDIO | changes
    return AssemblyTask(**parameters)


@pytest.mark.parametrize(("name", "meant"), [("", VideoFormat.MP4), ("vp9-alpha", VideoFormat.VP9_ALPHA)])
def test_a_video_format_is_found_by_its_name(name: str, meant: VideoFormat, tmp_path: Path) -> None:
    request = request_from(AssemblyTask(format=name), {}, tmp_path)
    assert isinstance(request, Assembly)
    assert request.format is meant


def test_an_unknown_video_format_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"'gif' is unknown: .*prores4444"):
        request_from(AssemblyTask(format="gif"), {}, tmp_path)


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        ([], [["video.0"], ["video.1"]]),
        ([1, 1], [["video.0"], ["video.1"]]),
        ([3, 1], [["video.0.0", "video.0.1", "video.0.2"], ["video.1"]]),
        ([1, 2], [["video.0"], ["video.1.0", "video.1.1"]]),
    ],
)
def test_a_scene_has_the_parts_that_the_task_says(
    parts: list[int], names: list[list[str]], tmp_path: Path
) -> None:
    inputs = {name: Path(name) for scene in names for name in scene} | {"speech.1": Path("speech")}
    request = request_from(AssemblyTask(scenes=2, parts=parts), inputs, tmp_path)
    assert isinstance(request, Assembly)
    assert [[str(part) for part in scene.parts] for scene in request.scenes] == names
    assert [scene.speech for scene in request.scenes] == [None, Path("speech")]


@pytest.mark.parametrize("parts", [[1], [1, 1, 1], [2, 0]])
def test_parts_that_do_not_fit_the_scenes_are_refused(parts: list[int], tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"do not fit 2 scenes: give each"):
        request_from(AssemblyTask(scenes=2, parts=parts), {}, tmp_path)


def test_a_part_that_is_missing_is_named(tmp_path: Path) -> None:
    inputs = {"video.0.0": Path("a"), "video.0.2": Path("c")}
    with pytest.raises(InvalidArgument, match=r"lacks its input 'video.0.1'"):
        request_from(AssemblyTask(scenes=1, parts=[3]), inputs, tmp_path)


def test_a_task_with_an_audio_format_asks_for_audio(tmp_path: Path) -> None:
    assert request_from(audio_task(), SPEECHES, tmp_path) == AudioAssembly(
        (Path("a"), Path("b")), tmp_path / "outputs", AudioFormat.MP3, -18.0, 0.3
    )


def test_the_json_form_of_an_audio_task_is_what_its_constructor_takes() -> None:
    assert json_format.ParseDict(AUDIO, AssemblyTask()) == audio_task()


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_every_audio_format_has_a_name_in_the_contract(audio_format: AudioFormat, tmp_path: Path) -> None:
    task = audio_task(audio_format=f"AUDIO_FORMAT_{audio_format.name}")
    request = request_from(task, SPEECHES, tmp_path)
    assert isinstance(request, AudioAssembly)
    assert request.format is audio_format


def test_an_audio_format_from_a_newer_gateway_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"audio format number 99. Choose from mp3, .*flac"):
        request_from(audio_task(audio_format=99), SPEECHES, tmp_path)


def test_a_scene_without_speech_is_refused_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"Scene 2 has no speech: .*'speech.1'\. Give every scene"):
        request_from(audio_task(), {"speech.0": Path("a")}, tmp_path)


@pytest.mark.parametrize(
    ("audio_format", "media_type"),
    [
        (AudioFormat.MP3, "audio/mpeg"),
        (AudioFormat.M4A, "audio/mp4"),
        (AudioFormat.WAV, "audio/wav"),
        (AudioFormat.OPUS, "audio/ogg"),
        (AudioFormat.FLAC, "audio/flac"),
    ],
)
def test_an_audio_file_is_the_only_output(audio_format: AudioFormat, media_type: str) -> None:
    result = result_of(AssembledAudio(Path("audio"), 12.5, audio_format))
    assert result.products == {"audio": Product(Path("audio"), media_type)}
    assert result.media_seconds == 12.5
