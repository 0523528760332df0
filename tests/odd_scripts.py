"""Scripts that look like a mistake. Before a job is accepted it must be known whether they are heard."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OddScript:
    """A script. `sayable` says whether the voice makes a sound of it."""

    text: str
    sayable: bool
    voice: str = "en-us"
    ssml: bool = False

    def __str__(self) -> str:
        return f"{self.voice} {self.text[:24].encode('unicode_escape').decode()}"


def _plain(sayable: bool, *texts: str, voice: str = "en-us") -> tuple[OddScript, ...]:
    return tuple(OddScript(text, sayable, voice) for text in texts)


def _ssml(sayable: bool, *texts: str) -> tuple[OddScript, ...]:
    return tuple(OddScript(text, sayable, ssml=True) for text in texts)


ODD_SCRIPTS = (
    # Punctuation and signs: some have a name that is spoken.
    *_plain(
        False, "...", "…", "—", "- -", "???", ";-)", "(", '"', "'", "_", "^", "|", "``", "¿", "." * 10_000
    ),
    *_plain(True, "!?", ":)", "&", "%", "@", "#", "$", "+", "~", "*", "/", "°", "½", "→", "... &"),
    # White space and characters that have no shape.
    *_plain(False, "\u00a0", "\u200b", "\u2060\ufeff", "\u3000", "\u00ad", "\u202e", "\u0301\u0302"),
    *_plain(False, "\x01\x02", "\ue000\ue001", "\ufffd", "\U000e0041"),
    # Tags, emoji, digits, single letters.
    *_plain(False, "[happy]", "[happy] [sad] ..."),
    *_plain(True, "😀", "👍🏽", "🇩🇪", "😀" * 500, "[happy] 😀"),
    *_plain(True, "7", "123", "²", "٣", "b", "t", "I", "Hi", "ß", "a."),
    *_plain(False, "①"),
    # Letters of other writing systems, and of the voice's own that have no sound alone.
    *_plain(True, "你好", "שלום", "안녕", "𓀀"),
    *_plain(False, "ᎠᏂ", "ᎠᏂ ᎦᏟ " * 50),
    *_plain(True, "你好", "OK", voice="cmn"),
    *_plain(False, "ж", voice="ky"),
    *_plain(True, "жаз", voice="ky"),
    *_plain(False, "っ", voice="ja"),
    # Markup.
    *_ssml(False, "<speak/>", "<speak> </speak>", "<break time='1s'/>", "<speak>...</speak>", "<s></s>"),
    *_ssml(
        False, "<sub alias=''>x</sub>", "<sub alias='...'>Hello there</sub>", "<phoneme ph=''>x</phoneme>"
    ),
    *_ssml(False, "<phoneme ph='ʔ'>Hello there</phoneme>", "Hello <phoneme ph='ʘ'>there</phoneme>"),
    *_ssml(
        False, "<prosody volume='silent'>Hello there</prosody>", "<say-as interpret-as='date'>...</say-as>"
    ),
    *_ssml(False, "<prosody volume='-30dB'>Hello there</prosody>", "<voice name='de'>...</voice>"),
    *_ssml(True, "<say-as interpret-as='characters'>...</say-as>", "<phoneme ph='t'>x</phoneme>"),
    *_ssml(True, "<sub alias='Hello'>...</sub>", "<prosody volume='-20dB'>Hello there</prosody>"),
    *_ssml(True, "<phoneme ph='həˈloʊ'/>", "<voice name='cmn'>你好</voice>", "...<break/>Yes"),
)
