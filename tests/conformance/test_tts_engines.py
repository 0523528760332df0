"""Conformance suite of TTS engines. Add an engine to `ENGINES` to test it."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import pyworld
from numpy.typing import NDArray

from services.chassis.engine_api.timeline import Emotion, Stress, TimedPhoneme, TimedWord
from services.chassis.errors import InvalidArgument, VoiceUnknown
from services.chassis.models.cache import ModelMissing
from services.chassis.text.writing_systems import has_letters_of
from services.tts.engines.espeak.engine import EspeakEngine
from services.tts.engines.hibari.engine import HibariEngine
from services.tts.engines.kokoro.engine import KokoroEngine
from services.tts.engines.protocol import AudioChunk, Speech, TtsEngine
from services.tts.normalization.normalize import normalize_plain
from services.tts.script.spans import Emphasis, Manner
from services.tts.script.tokens import Token

ENGINES = [EspeakEngine, HibariEngine, KokoroEngine]
ENGLISH = {"espeak": "en-us", "hibari": "heart", "kokoro": "af_heart"}
ALPHABETS = (
    "abc", "ԱԲԳ", "אבג", "ابت", "अकख", "অকখ", "ਅਕਖ", "અકખ", "ଅକଖ", "அகங", "అకఖ", "ಅಕಖ", "അകഖ", "අකඛ", "กขค",
    "ກຂຄ", "བཀཁ", "ကခဂ", "აბგ", "ሀለሐ", "ᎠᎡᎢ", "កខគ", "あかさ", "アカサ", "一二三", "가나다", "абв", "αβγ",
)  # fmt: skip
"""Letters of the writing systems of the world."""
SENTENCE = "The quick brown fox jumps over the lazy dog, and runs away again. Papa, keep happy!"


@pytest.fixture(params=ENGINES, scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[TtsEngine]:
    made: TtsEngine = request.param()
    try:
        made.open()
    except ModelMissing as missing:
        pytest.skip(missing.message)
    yield made
    made.close()


def speak(engine: TtsEngine, text: str = SENTENCE, **options: Any) -> list[AudioChunk]:
    request = Speech(normalize_plain(text, "en"), ENGLISH[engine.spec.name])
    return list(engine.synthesize(replace(request, **options)))


def say(engine: TtsEngine, *tokens: Token, **options: Any) -> list[AudioChunk]:
    return list(engine.synthesize(Speech(tokens, ENGLISH[engine.spec.name], **options)))


def reachable(engine: TtsEngine, *speeds: float) -> list[float]:
    """Returns those of the speeds that the engine can speak at."""
    return [speed for speed in speeds if speed <= engine.spec.limits.max_speed]


def said_so(manner: Manner) -> tuple[Token, ...]:
    return tuple(replace(token, manner=manner) for token in normalize_plain(SENTENCE, "en"))


def sound(chunks: list[AudioChunk]) -> NDArray[np.int16]:
    return np.concatenate([chunk.samples for chunk in chunks])


def words(chunks: list[AudioChunk]) -> list[TimedWord]:
    return [word for chunk in chunks for word in chunk.words]


def phonemes(chunks: list[AudioChunk]) -> list[TimedPhoneme]:
    return [phoneme for chunk in chunks for phoneme in chunk.phonemes]


def seconds(chunks: list[AudioChunk]) -> float:
    return len(sound(chunks)) / chunks[0].sample_rate


def median_pitch(chunks: list[AudioChunk]) -> float:
    samples, rate = sound(chunks) / 32768, chunks[0].sample_rate
    rough, times = pyworld.dio(samples, rate, f0_floor=40, f0_ceil=600)
    pitch = pyworld.stonemask(samples, rough, times, rate)
    return float(np.median(pitch[pitch > 0]))


def loudness(chunks: list[AudioChunk], start: float, end: float) -> float:
    rate = chunks[0].sample_rate
    stretch = sound(chunks)[round(start * rate) : round(end * rate)].astype(float)
    return float(np.sqrt(np.mean(np.square(stretch)))) if len(stretch) else 0.0


def test_the_spec_names_this_service(engine: TtsEngine) -> None:
    spec = engine.spec
    assert (spec.service, bool(spec.version), bool(spec.voices)) == ("tts", True, True)
    ids = [voice.id for voice in spec.voices]
    assert len(set(ids)) == len(ids)
    assert all(voice_id == voice_id.lower() and voice_id.strip() for voice_id in ids)
    assert set(spec.languages) == {voice.language for voice in spec.voices}


def test_chunks_are_mono_int16_and_not_silent(engine: TtsEngine) -> None:
    chunks = speak(engine)
    assert len({chunk.sample_rate for chunk in chunks}) == 1
    assert all(c.samples.dtype == np.int16 and c.samples.ndim == 1 and len(c.samples) for c in chunks)
    assert np.abs(sound(chunks).astype(int)).max() > 3000


def test_times_are_within_the_audio_in_order_and_do_not_overlap(engine: TtsEngine) -> None:
    for speed in reachable(engine, 0.5, 1.0, 2.0, 4.0):
        chunks = speak(engine, speed=speed)
        for items in (words(chunks), phonemes(chunks)):
            assert items[0].start >= 0
            assert items[-1].end <= seconds(chunks)
            assert all(item.start < item.end for item in items)
            assert all(a.end <= b.start for a, b in itertools.pairwise(items))


def test_a_chunk_has_the_words_and_phonemes_that_begin_in_it(engine: TtsEngine) -> None:
    chunks = speak(engine)
    start = 0.0
    for chunk in chunks:
        end = start + len(chunk.samples) / chunk.sample_rate
        assert all(start - 1e-6 <= item.start < end for item in (*chunk.words, *chunk.phonemes))
        start = end
    assert len(chunks) > 1


def test_every_word_has_its_phonemes(engine: TtsEngine) -> None:
    chunks = speak(engine)
    for word in words(chunks):
        within = [p for p in phonemes(chunks) if word.start <= p.start and p.end <= word.end]
        assert within, word.text
        assert sum(p.end - p.start for p in within) == pytest.approx(word.end - word.start, abs=0.02)


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_speech_begins_and_ends_near_zero(engine: TtsEngine, goes_on: bool) -> None:
    for speed in reachable(engine, 0.5, 1.0, 3.0):
        samples = sound(speak(engine, speed=speed, goes_on=goes_on)).astype(int)
        assert max(abs(samples[0]), abs(samples[-1])) < 100


def test_a_speech_that_goes_on_ends_with_a_pause(engine: TtsEngine) -> None:
    assert seconds(speak(engine, goes_on=True)) > seconds(speak(engine)) + 0.1


@pytest.mark.parametrize("text", ["...", "…"])
def test_punctuation_alone_is_silent(engine: TtsEngine, text: str) -> None:
    chunks = speak(engine, text)
    assert not any(chunk.samples.any() or chunk.words or chunk.phonemes for chunk in chunks)


def test_the_timeline_has_the_words_of_the_text(engine: TtsEngine) -> None:
    spoken = " ".join(word.text for word in words(speak(engine)))
    assert spoken == "The quick brown fox jumps over the lazy dog and runs away again Papa keep happy"


def test_phonemes_are_ipa_with_stress_aside(engine: TtsEngine) -> None:
    found = phonemes(speak(engine, "Hello, bold world."))
    assert {"h", "b", "d"} <= {phoneme.ipa for phoneme in found}
    assert any(phoneme.stress is Stress.PRIMARY for phoneme in found)
    assert not set("ˈˌː͡") & set("".join(phoneme.ipa for phoneme in found))


def test_words_are_loud_and_the_pause_between_sentences_is_not(engine: TtsEngine) -> None:
    chunks = speak(engine, "I see you. You see me.")
    spoken = words(chunks)
    gap_start, gap_end = spoken[2].end, spoken[3].start
    assert gap_end - gap_start > 0.1
    heard = [loudness(chunks, word.start, word.end) for word in spoken]
    assert loudness(chunks, gap_start, gap_end) < 0.05 * min(heard)


def test_a_stop_begins_with_its_closure(engine: TtsEngine) -> None:
    """Checks that the first half of /p/, while the lips are shut, is quieter than its vowels."""
    chunks = speak(engine, "Papa, upper, happy paper.")
    loud = np.median([loudness(chunks, p.start, p.end) for p in phonemes(chunks) if p.ipa in "ɑæʌə"])
    stops = [p for p in phonemes(chunks) if p.ipa == "p"]
    assert len(stops) == 6
    for stop in stops:
        assert loudness(chunks, stop.start, stop.start + 0.03) < 0.1 * loud


def test_same_request_gives_the_same_speech(engine: TtsEngine) -> None:
    first = speak(engine)
    speak(engine, "Something else.", speed=2.0, pitch_semitones=5.0)
    second = speak(engine)
    assert np.array_equal(sound(first), sound(second))
    assert (words(first), phonemes(first)) == (words(second), phonemes(second))


def test_listed_voices_speak(engine: TtsEngine) -> None:
    voices = engine.spec.voices
    for voice in voices[:: max(1, len(voices) // 20)]:
        assert phonemes(speak(engine, "Hello 123 amigo привет 你好", voice=voice.id)), voice.id


@pytest.mark.parametrize("voice", ["no-such-voice", "", "en-us\x00", "EN_US", "../en"])
def test_an_unknown_voice_is_refused(engine: TtsEngine, voice: str) -> None:
    with pytest.raises(VoiceUnknown):
        speak(engine, voice=voice)


def test_spoken_words_may_differ_from_shown_words(engine: TtsEngine) -> None:
    chunks = say(engine, Token("It's", "It's", gap=" "), Token("$5", "five dollars", tail="."))
    assert [word.text for word in words(chunks)] == ["It's", "$5"]
    assert "".join(p.ipa for p in phonemes(chunks)).replace("əɹ", "ɚ").endswith("faɪvdɑlɚz")


def test_ipa_is_spoken_as_given(engine: TtsEngine) -> None:
    chunks = say(engine, Token("Say", "Say", gap=" "), Token("SQL", "SQL", ipa="ˈsiːkwəl", tail="."))
    assert [word.text for word in words(chunks)] == ["Say", "SQL"]
    assert "".join(p.ipa for p in phonemes(chunks)).endswith("sikwəl")


@pytest.mark.parametrize(("rate", "factor"), [(0.5, 2.0), (2.0, 0.5)])
def test_a_rate_within_the_script_changes_the_duration(engine: TtsEngine, rate: float, factor: float) -> None:
    normal = seconds(speak(engine))
    assert seconds(say(engine, *said_so(Manner(rate=rate)))) / normal == pytest.approx(factor, rel=0.2)


@pytest.mark.parametrize("semitones", [-4.0, 4.0])
def test_a_pitch_within_the_script_changes_the_fundamental(engine: TtsEngine, semitones: float) -> None:
    shifted = median_pitch(say(engine, *said_so(Manner(pitch_semitones=semitones))))
    assert 12 * np.log2(shifted / median_pitch(speak(engine))) == pytest.approx(semitones, abs=0.8)


def test_a_volume_within_the_script_changes_the_loudness(engine: TtsEngine) -> None:
    normal, quiet = sound(speak(engine)), sound(say(engine, *said_so(Manner(volume_db=-6.0))))
    assert np.std(quiet) / np.std(normal) == pytest.approx(0.5, abs=0.05)


def test_one_word_can_be_slower_than_the_others(engine: TtsEngine) -> None:
    tokens = normalize_plain("We really mean it.", "en")
    slow = replace(tokens[1], manner=Manner(rate=0.5))
    plain, marked = words(say(engine, *tokens)), words(say(engine, tokens[0], slow, *tokens[2:]))
    assert [word.text for word in marked] == [word.text for word in plain]
    lengths = [[word.end - word.start for word in spoken] for spoken in (plain, marked)]
    assert lengths[1][1] > 1.5 * lengths[0][1]
    assert lengths[1][2] == pytest.approx(lengths[0][2], rel=0.25)


@pytest.mark.parametrize("emphasis", [Emphasis.REDUCED, Emphasis.MODERATE, Emphasis.STRONG])
def test_emphasis_changes_the_sound(engine: TtsEngine, emphasis: Emphasis) -> None:
    tokens = normalize_plain("We really mean it.", "en")
    marked = replace(tokens[1], manner=Manner(emphasis=emphasis))
    plain = sound(say(engine, *tokens))
    assert not np.array_equal(sound(say(engine, tokens[0], marked, *tokens[2:])), plain)


def test_emotions_change_the_sound_and_not_the_words(engine: TtsEngine) -> None:
    spoken = {emotion: say(engine, *said_so(Manner(emotion=emotion)), emotion=emotion) for emotion in Emotion}
    assert len({sound(chunks).tobytes() for chunks in spoken.values()}) == len(Emotion)
    assert len({" ".join(word.text for word in words(chunks)) for chunks in spoken.values()}) == 1
    assert median_pitch(spoken[Emotion.SAD]) < median_pitch(spoken[Emotion.HAPPY])


def test_speed_changes_the_duration(engine: TtsEngine) -> None:
    normal = seconds(speak(engine))
    for speed in reachable(engine, 0.5, 0.75, 1.5, 2.0, 3.0):
        assert normal / seconds(speak(engine, speed=speed)) == pytest.approx(speed, rel=0.15)


def test_pitch_changes_the_fundamental_and_not_the_duration(engine: TtsEngine) -> None:
    normal = speak(engine)
    for semitones in (-8, -4, 4, 8):
        shifted = speak(engine, pitch_semitones=float(semitones))
        assert 12 * np.log2(median_pitch(shifted) / median_pitch(normal)) == pytest.approx(semitones, abs=0.8)
        assert seconds(shifted) == pytest.approx(seconds(normal), rel=0.03)


@pytest.mark.parametrize("options", [{"speed": 0.1}, {"speed": 9.0}, {"pitch_semitones": 40.0}])
def test_options_beyond_the_engines_limits_are_refused(engine: TtsEngine, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match="give"):
        speak(engine, **options)


def test_unicode_text_keeps_its_words(engine: TtsEngine) -> None:
    chunks = speak(engine, "Naïve café 🎉 “prêt” — can't cost $1,250!")
    assert [word.text for word in words(chunks)] == ["Naïve", "café", "🎉", "prêt", "can't", "cost", "$1,250"]


def test_an_abandoned_speech_leaves_the_engine_usable(engine: TtsEngine) -> None:
    expected = sound(speak(engine))
    abandoned = engine.synthesize(Speech(normalize_plain(SENTENCE * 500), ENGLISH[engine.spec.name]))
    next(abandoned)
    del abandoned
    assert np.array_equal(sound(speak(engine)), expected)


def test_an_engine_opens_again_after_close(engine: TtsEngine) -> None:
    expected = sound(speak(engine))
    engine.close()
    engine.open()
    assert np.array_equal(sound(speak(engine)), expected)


def test_a_voice_says_the_letters_of_its_language(engine: TtsEngine) -> None:
    """Plain text is accepted without asking the engine, if it has two letters of the voice's language."""
    for voice in engine.spec.voices:
        for letters in ALPHABETS:
            if has_letters_of(voice.language, letters):
                request = Speech(normalize_plain(letters, voice.language), voice.id)
                assert sound(list(engine.synthesize(request))).any(), f"{voice.id}: {letters}"
