import pytest

from services.chassis.engine_api.timeline import TimedWord
from services.chassis.engine_api.transcript import Transcript, TranscriptSegment
from services.gateway.transcriptions.formats import (
    Granularity,
    SegmentObject,
    brief,
    clock,
    plain,
    srt,
    verbose,
    vtt,
)

SEGMENTS = (
    TranscriptSegment("Well, hello.", 0.25, 1.5, -0.2, 0.01),
    TranscriptSegment("This way\n--> out.", 3599.9996, 3661.5),
)
WORDS = (TimedWord("Well", 0.25, 0.61239), TimedWord("hello", 0.7, 1.5))
TRANSCRIPT = Transcript("Well, hello. This way --> out.", "en", 3662.0, WORDS, SEGMENTS)
NOTHING = Transcript("", "en", 2.0)


@pytest.mark.parametrize(
    ("seconds", "mark", "written"),
    [
        (0.0, ",", "00:00:00,000"),
        (0.0004, ",", "00:00:00,000"),
        (0.9996, ".", "00:00:01.000"),
        (59.9999, ".", "00:01:00.000"),
        (61.25, ",", "00:01:01,250"),
        (3599.9996, ".", "01:00:00.000"),
        (360_000.0, ".", "100:00:00.000"),
    ],
)
def test_times_carry_into_the_next_unit(seconds: float, mark: str, written: str):
    assert clock(seconds, mark) == written


def test_srt_numbers_its_captions_and_has_no_arrow_in_a_text():
    assert srt(TRANSCRIPT) == (
        "1\n00:00:00,250 --> 00:00:01,500\nWell, hello.\n\n"
        "2\n01:00:00,000 --> 01:01:01,500\nThis way -> out.\n\n"
    )


def test_vtt_has_its_head_and_points_in_times():
    assert vtt(TRANSCRIPT) == (
        "WEBVTT\n\n00:00:00.250 --> 00:00:01.500\nWell, hello.\n\n"
        "01:00:00.000 --> 01:01:01.500\nThis way -> out.\n\n"
    )


def test_silence_has_empty_captions():
    assert (plain(NOTHING), srt(NOTHING), vtt(NOTHING)) == ("\n", "", "WEBVTT\n\n")


def test_json_has_the_text_and_the_length():
    assert brief(TRANSCRIPT).model_dump() == {
        "text": TRANSCRIPT.text,
        "usage": {"type": "duration", "seconds": 3662.0},
    }


@pytest.mark.parametrize(
    ("granularities", "words", "segments"),
    [
        (["segment"], False, True),
        (["word"], True, False),
        (["word", "segment"], True, True),
        ([], False, False),
    ],
)
def test_verbose_json_has_the_times_that_are_asked_for(
    granularities: list[Granularity], words: bool, segments: bool
):
    made = verbose(TRANSCRIPT, granularities)
    assert (made.words is not None, made.segments is not None) == (words, segments)


def test_verbose_json_in_whole():
    made = verbose(TRANSCRIPT, ["word", "segment"]).model_dump()
    assert (made["task"], made["language"], made["duration"]) == ("transcribe", "english", 3662.0)
    assert made["words"][0] == {"word": "Well", "start": 0.25, "end": 0.612}
    assert made["segments"][0] == {
        "id": 0,
        "seek": 0,
        "start": 0.25,
        "end": 1.5,
        "text": "Well, hello.",
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": -0.2,
        "compression_ratio": 0.667,
        "no_speech_prob": 0.01,
    }


def test_a_repeated_text_compresses_well():
    segment = SegmentObject.of(0, TranscriptSegment("no " * 80, 0.0, 1.0))
    assert segment.compression_ratio > 2.4


def test_a_language_without_an_english_name_keeps_its_tag():
    assert verbose(Transcript("", "xx", 1.0), []).language == "xx"
