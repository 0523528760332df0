from services.chassis.engine_api.timeline import (
    Emotion,
    SpeechTimeline,
    TimedEmotion,
    TimedPhoneme,
    TimedWord,
)

TIMELINE = SpeechTimeline(
    4.0,
    "en",
    (TimedWord("one", 0.0, 1.0), TimedWord("two", 1.5, 2.5), TimedWord("three", 3.0, 4.0)),
    (TimedPhoneme("a", 0.0, 1.0), TimedPhoneme("b", 1.5, 2.5), TimedPhoneme("c", 3.0, 4.0)),
    (TimedEmotion(Emotion.SAD, 0.0, 4.0),),
    confidence=0.5,
)


def test_a_part_of_a_timeline_counts_from_its_own_start() -> None:
    assert TIMELINE.between(1.0, 3.0) == SpeechTimeline(
        2.0,
        "en",
        (TimedWord("two", 0.5, 1.5),),
        (TimedPhoneme("b", 0.5, 1.5),),
        (TimedEmotion(Emotion.SAD, 0.0, 2.0),),
        confidence=0.5,
    )


def test_items_that_are_partly_in_a_part_are_cut() -> None:
    assert TIMELINE.between(0.5, 2.0).phonemes == (TimedPhoneme("a", 0.0, 0.5), TimedPhoneme("b", 1.0, 1.5))


def test_a_part_after_the_end_of_the_speech_is_empty() -> None:
    assert TIMELINE.between(5.0, 6.0) == SpeechTimeline(0.0, "en", confidence=0.5)
    assert TIMELINE.between(3.5, 6.0).duration == 0.5
