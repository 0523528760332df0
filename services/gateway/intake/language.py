"""Guesses the language of a script that names no voice."""

import re
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from services.chassis.aio import in_thread
from services.chassis.text.writing_systems import system_of

ENGLISH = "en"
SURE = 0.95
"""Probability from which the guess is followed; below it, as for names and short words, English is spoken."""
MAX_CHARACTERS = 1000
"""Characters at the beginning of a script that are enough for a guess."""
LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "fi", "tr", "cs", "hu", "ro", "id", "vi"),
    *("ca", "el", "ru", "uk", "bg", "sr", "ar", "fa", "ur", "he", "hi", "bn", "ta", "te", "ka", "hy", "ko"),
    *("ja", "zh"),
)
"""Languages that are told apart: the more there are, the less sure is a guess about a short script."""
_MARKUP = re.compile(r"<[^>]*>|\[\w+\]")


async def load_languages() -> None:
    """Loads the model, which takes about half a second of CPU time, while the event loop goes on."""
    await in_thread(_identifier)


def language_of(script: str) -> str:
    """Returns the language of a script, with or without markup; English if it is Latin and not sure."""
    text = _MARKUP.sub(" ", script[:MAX_CHARACTERS]).strip()
    if not text:
        return ENGLISH
    language, probability = _identifier().classify(text)
    return str(language) if probability >= SURE or not _is_latin(text) else ENGLISH


def _is_latin(text: str) -> bool:
    """Returns whether most letters are Latin. Of another writing system, the likeliest language is taken."""
    systems = [system for character in text if (system := system_of(character))]
    return 2 * systems.count("LATIN") >= len(systems)


@cache
def _identifier() -> Any:
    from py3langid.langid import (  # pyright: ignore[reportMissingTypeStubs] - it has none
        LanguageIdentifier,
    )

    with as_file(files("py3langid") / "data" / "model.npz.xz") as model:
        identifier: Any = LanguageIdentifier.from_model_file(  # pyright: ignore[reportUnknownMemberType]
            str(model), norm_probs=True
        )
    identifier.set_languages(list(LANGUAGES))
    return identifier
