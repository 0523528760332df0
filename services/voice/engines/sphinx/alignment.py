"""Finds the words of a text in speech."""

from services.chassis.errors import InvalidArgument
from services.chassis.text.quoted import quoted
from services.voice.engines.sphinx.phonemizer import phonemizer
from services.voice.engines.sphinx.pronunciation import Pronunciation, pronounce
from services.voice.engines.sphinx.recogniser import ForcedAligner, HeardWords
from services.voice.engines.sphinx.sound import Pcm

ENGLISH = "en-US"
# Measured with twelve languages: the right words 14 to 49, other words 50 to 76.
MAX_FITTING_MISFIT = 52.0


def is_english(language: str) -> bool:
    return language.lower().replace("_", "-").partition("-")[0] == "en"


def pronounced(text: str, language: str, aligner: ForcedAligner) -> list[Pronunciation]:
    """Returns the words of the text. Raises `InvalidArgument` for an unknown language."""
    with phonemizer(language) as sounds:
        if sounds is None:
            raise InvalidArgument(
                f"the language {quoted(language)} of the transcript is not known: "
                "give a BCP 47 tag such as de or pt-BR"
            )
        return pronounce(text, sounds, aligner.knows if is_english(language) else None)


def find_words(pcm: Pcm, words: list[Pronunciation], aligner: ForcedAligner) -> HeardWords | None:
    """Returns the phones of all words, in order; `None` without words, and if the sound cannot be theirs."""
    aligner.learn((word.name, word.phones) for word in words if word.learned)
    return aligner.find(pcm, [word.name for word in words]) if words else None
