import numpy as np
import pytest

from services.chassis.engine_api.timeline import Stress, TimedPhoneme, TimedWord
from services.tts.engines.espeak.assembly import assemble
from services.tts.engines.espeak.library import Block, Event, EventKind
from services.tts.engines.espeak.script import Script
from services.tts.engines.espeak.tuning import Tuning
from services.tts.engines.protocol import AudioChunk
from services.tts.normalization.normalize import normalize_plain

RATE = 1000


def word(sample: int, position: int) -> Event:
    return Event(EventKind.WORD, sample, position)


def phoneme(sample: int, name: str) -> Event:
    return Event(EventKind.PHONEME, sample, 0, name)


def block(samples: list[int], *events: Event) -> Block:
    return Block(np.array(samples, np.int16), events)


def chunks(text: str, *blocks: Block) -> list[AudioChunk]:
    script = Script(normalize_plain(text), tune=lambda _: Tuning(), spell=lambda ipa: ipa)
    return list(assemble(blocks, script, RATE))


def timeline(text: str, *blocks: Block) -> tuple[list[TimedWord], list[TimedPhoneme]]:
    made = chunks(text, *blocks)
    return [w for c in made for w in c.words], [p for c in made for p in c.phonemes]


def test_a_phoneme_ends_at_the_next_event_and_pauses_are_no_phonemes() -> None:
    words, phonemes = timeline(
        "hi", block([9] * 100, word(0, 0), phoneme(0, "h"), phoneme(20, "ˈaɪ"), phoneme(60, ""))
    )
    assert phonemes == [TimedPhoneme("h", 0.0, 0.02), TimedPhoneme("aɪ", 0.02, 0.06, Stress.PRIMARY)]
    assert words == [TimedWord("hi", 0.0, 0.06)]


def test_the_silence_of_a_closure_belongs_to_its_stop() -> None:
    samples = [9] * 40 + [0] * 10 + [9] * 50
    _, phonemes = timeline("up", block(samples, word(0, 0), phoneme(0, "ʌ"), phoneme(50, "p")))
    assert [(p.ipa, p.start) for p in phonemes] == [("ʌ", 0.0), ("p", 0.04)]


def test_a_closure_does_not_reach_into_the_pause_before_it() -> None:
    samples = [9] * 20 + [0] * 50 + [9] * 30
    _, phonemes = timeline(
        "a p", block(samples, word(0, 0), phoneme(0, "a"), phoneme(20, ""), word(60, 2), phoneme(70, "p"))
    )
    assert [(p.ipa, p.start, p.end) for p in phonemes] == [("a", 0.0, 0.02), ("p", 0.06, 0.1)]


def test_a_phoneme_with_a_late_event_takes_time_from_the_one_before() -> None:
    samples = [9] * 60 + [0] * 10 + [9] * 30
    _, phonemes = timeline(
        "world", block(samples, word(0, 0), phoneme(0, "ɜ"), phoneme(60, "l"), phoneme(70, "d"))
    )
    assert [(p.ipa, p.start, p.end) for p in phonemes] == [
        ("ɜ", 0.0, 0.04),
        ("l", 0.04, 0.06),
        ("d", 0.06, 0.1),
    ]


def test_a_word_in_thousands_of_blocks_is_one_chunk() -> None:
    blocks = [block([number] * 10) for number in range(1, 2001)]
    made = chunks("hi", block([9], word(0, 0), phoneme(0, "h")), *blocks)
    assert [list(chunk.samples) for chunk in made] == [
        [9, *(number for number in range(1, 2001) for _ in range(10))]
    ]


@pytest.mark.parametrize(
    ("text", "positions", "words"),
    [
        ("paid $22 now", [0, 5, 6, 9], ["paid", "$22", "now"]),
        ("for the dog", [0, 8], ["for the", "dog"]),
        ("你好", [0, 1], ["你", "好"]),
    ],
)
def test_events_of_one_word_are_one_word(text: str, positions: list[int], words: list[str]) -> None:
    events = [e for n, at in enumerate(positions) for e in (word(n * 10, at), phoneme(n * 10, "a"))]
    found, _ = timeline(text, block([9] * 10 * len(positions), *events))
    assert [w.text for w in found] == words


def test_a_chunk_holds_whole_words_and_the_phonemes_that_begin_in_it() -> None:
    made = chunks(
        "ab cd",
        block([9] * 50, word(0, 0), phoneme(0, "a"), phoneme(30, "b")),
        block([9] * 50, word(60, 3), phoneme(60, "k"), phoneme(80, "d")),
        block([], Event(EventKind.END, 100, 5)),
    )
    assert [len(c.samples) for c in made] == [60, 40]
    assert [[p.ipa for p in c.phonemes] for c in made] == [["a", "b"], ["k", "d"]]
    assert [[(w.text, w.end) for w in c.words] for c in made] == [[("ab", 0.06)], [("cd", 0.1)]]


def test_chunks_grow_from_one_word_to_one_second() -> None:
    words = [block([9] * 50, word(50 * n, 2 * n), phoneme(50 * n, "a")) for n in range(100)]
    made = chunks("a " * 100, *words)
    assert [len(c.samples) for c in made] == [50, 200, 400, 800, 1000, 1000, 1000, 550]
    assert [w.text for c in made for w in c.words] == ["a"] * 100


def test_an_event_beyond_the_audio_is_moved_to_its_end() -> None:
    made = chunks(
        "a b", block([9] * 50, word(0, 0), phoneme(0, "a"), word(40, 2), phoneme(40, "b"), phoneme(70, ""))
    )
    assert sum(len(c.samples) for c in made) == 50
    assert made[-1].phonemes[-1].end == 0.05
