"""Frames of engines: what they may hold, and what a process that was taken over may send instead."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.chassis.engine_api.effects import EffectStep
from services.chassis.engine_api.spec import DeviceClass, EngineLimits, EngineSpec, Progress, Voice
from services.chassis.engine_api.timeline import SpeechTimeline, Stress, TimedPhoneme, TimedWord
from services.chassis.engine_host.codec import HEADER, BadFrame, decode, encode, frame_sizes
from services.chassis.engine_host.frames import Failed, Item, Ready, Refused
from services.chassis.errors import Reason

WORD, PHONEME = TimedWord("a", 0.1, 0.2), TimedPhoneme("ə", 0, 0.1, Stress.PRIMARY)
TIMELINE = SpeechTimeline(1.5, "en", (WORD,), (PHONEME,))
SPEC = EngineSpec("tts", "x", "1", DeviceClass.GPU, True, ("en",), (Voice("a", "A", "en"),), EngineLimits(1))


def copied(value: Any) -> Any:
    frame = encode(value)
    text, arrays = frame_sizes(frame[: HEADER.size])
    assert len(frame) == HEADER.size + text + arrays
    return decode(frame[HEADER.size : HEADER.size + text], frame[HEADER.size + text :])


@pytest.mark.parametrize(
    "value",
    [
        Item(Progress(0.5)),
        Item("text with \N{SNOWMAN} and \x00"),
        Item(None),
        Item(b"bytes"),
        Item(Path("/a/b")),
        Item((1, 2.5, True, ("nested", float("inf")))),
        Item(EffectStep("pitch", {"semitones": 2.0})),
        Item(TIMELINE),
        Refused(Reason.FACE_NOT_FOUND, "No face."),
        Failed("ValueError: x", "frames"),
        Ready(SPEC, ("files",)),
    ],
)
def test_frames_arrive_as_they_were_sent(value: Any) -> None:
    assert copied(value) == value


@pytest.mark.parametrize("dtype", ["<i2", "<f4", ">f8", "|u1", "?"])
@pytest.mark.parametrize("shape", [(0,), (7,), (2, 3), (2, 0, 4)])
def test_arrays_arrive_as_they_were_sent(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    one, other = copied((array, array + array))
    assert one.dtype == array.dtype
    assert np.array_equal(one, array)
    assert np.array_equal(other, array + array)
    one[...] = 0  # it is the worker's own


@pytest.mark.parametrize(("value", "plain"), [(np.float32(0.5), 0.5), (np.int64(3), 3), ([1, 2], (1, 2))])
def test_numbers_of_numpy_and_lists_arrive_as_plain_values(value: Any, plain: Any) -> None:
    arrived = copied(Item(value)).value
    assert (type(arrived), arrived) == (type(plain), plain)


@pytest.mark.parametrize("value", [object(), print, {1, 2}, np.array([object()]), ValueError("x"), type])
def test_an_engine_cannot_send_anything_else(value: Any) -> None:
    with pytest.raises(TypeError):
        encode(Item(value))


def known(name: str, *values: Any) -> Any:
    return {"data": name, "fields": list(values)}


FRAMES, SPECS = "services.chassis.engine_host.frames:", "services.chassis.engine_api.spec:"
HOSTILE: list[dict[str, Any]] = [
    known("os:system", "id"),
    known("builtins:eval", "1"),
    known("subprocess:Popen", ["id"]),
    known("pathlib:PosixPath", "x"),
    known("services.chassis.settings:WorkerSettings"),
    known("services.chassis.engine_api.spec:similar", "x"),
    known("services.chassis.engine_api.spec:Protocol"),
    known("services.chassis.engine_api.nowhere:X"),
    known("x.engines.protocol:X"),
    known("services.chassis.errors:LikenessError", "x"),
    known("services.chassis.engine_api.spec:Progress", 1, 2, 3),
    known("services.chassis.engine_api.spec:Progress"),
    known("services.chassis.engine_api.spec:Progress.__init__"),
    known(FRAMES + "Refused", "nonsense", [1, 2]),
    known(FRAMES + "Refused", {"enum": "services.chassis.errors:Reason", "value": "internal"}, 1),
    known(FRAMES + "Refused", "internal", "A reason is an enum."),
    known(FRAMES + "Ready", 5),
    known(FRAMES + "Ready", known(SPECS + "EngineSpec", "tts", "x", "1"), [1]),
    known(FRAMES + "Failed", "message", None),
    known(FRAMES + "ModuleMissing", {"map": []}),
    known(SPECS + "Progress", "half"),
    known(SPECS + "EngineSpec", 1, "x", "1"),
    known(SPECS + "EngineSpec", "tts", "x", "1", "cpu", True, "en"),
    known(SPECS + "EngineLimits", 0, 1.5),
    known("services.chassis.engine_api.effects:EffectStep", "pitch", {"map": [["semitones", "x"]]}),
    {"array": "<f8", "shape": [float("inf")]},
    {"enum": "services.chassis.errors:Reason", "value": "no such reason"},
    {"enum": "os:system", "value": "id"},
    {"array": "|O", "shape": [1]},
    {"array": "<f8", "shape": [1 << 40]},
    {"array": "<f8", "shape": [-1]},
    {"array": "<f8", "shape": [1 << 32, 1 << 32]},
    {"array": "nonsense", "shape": [1]},
    {"bytes": 9},
    {"bytes": -1},
    {"map": [[{"map": []}, 1]]},
    {"map": [1]},
    {"unknown": 1},
    {},
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_else_is_made_of_a_hostile_frame(hostile: Any) -> None:
    with pytest.raises(BadFrame):
        decode(json.dumps(hostile).encode(), b"12345678")


@pytest.mark.parametrize("text", [b"", b"{", b"\x80\x05.", b"[" * 100_000, b"\xff", b"1" * 5_000])
def test_what_is_no_json_is_no_frame(text: bytes) -> None:
    with pytest.raises(BadFrame):
        decode(text, b"")


@pytest.mark.parametrize("sizes", [(1 << 31, 0), (0, (1 << 32) - 1), (65 << 20, 0)])
def test_a_frame_that_is_too_large_is_not_read(sizes: tuple[int, int]) -> None:
    with pytest.raises(BadFrame):
        frame_sizes(HEADER.pack(*sizes))
