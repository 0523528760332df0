"""Guesses the language of a script that names no voice."""

import re
from collections import Counter
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from services.chassis.aio import in_thread
from services.chassis.freed_memory import return_freed_memory
from services.chassis.text.writing_systems import language_of_system, system_of, systems_of

ENGLISH = "en"
AUTO = "auto"
"""Name of a voice, or of a model, that leaves the choice to the gateway, as no name does."""
UNNAMED = (None, AUTO)
_LATIN = "LATIN"
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
    """Returns the language of a script, with or without markup: English if it is Latin and not sure; in
    other letters the likeliest that is written so."""
    text = _MARKUP.sub(" ", script[:MAX_CHARACTERS]).strip()
    if not text:
        return ENGLISH
    language, probability = _identifier().classify(text)
    systems = Counter(system for character in text if (system := system_of(character)))
    main = systems.most_common(1)[0][0] if systems else _LATIN
    if main == _LATIN:
        return str(language) if probability >= SURE else ENGLISH
    return str(language) if main in systems_of(language) else language_of_system(main)


@cache
def _identifier() -> Any:
    from py3langid.langid import (  # pyright: ignore[reportMissingTypeStubs] - it has none
        LanguageIdentifier,
    )

    from services.gateway.intake.sparse_rows import SparseRows  # here: its numpy would slow the start down

    with as_file(files("py3langid") / "data" / "model.npz.xz") as model:
        identifier: Any = LanguageIdentifier.from_model_file(  # pyright: ignore[reportUnknownMemberType]
            str(model), norm_probs=True
        )
    identifier.set_languages(list(LANGUAGES))
    identifier._full_model = None  # keeps the other languages, of which nothing is asked
    identifier.tk_nextmove = SparseRows(identifier.tk_nextmove, default_row=identifier.tk_row[0])
    return_freed_memory()  # loading takes twice as much
    return identifier
