from services.chassis.engine_api.timeline import TimedWord
from services.chassis.engine_api.transcript import Transcript
from services.gateway.elevenlabs.speech_to_text import SpeechToTextResponse


def test_spaces_stand_between_the_words_and_fill_their_gaps():
    words = (TimedWord("Well", 0.2, 0.6), TimedWord("hello", 0.75, 1.5))
    made = SpeechToTextResponse.of(Transcript("Well, hello.", "en", 2.0, words))
    assert [(word.text, word.type, word.start, word.end) for word in made.words] == [
        ("Well", "word", 0.2, 0.6),
        (" ", "spacing", 0.6, 0.75),
        ("hello", "word", 0.75, 1.5),
    ]
    assert (made.language_code, made.text, made.audio_duration_secs) == ("eng", "Well, hello.", 2.0)


def test_silence_has_no_words():
    assert SpeechToTextResponse.of(Transcript("", "xx", 2.0)).words == []
