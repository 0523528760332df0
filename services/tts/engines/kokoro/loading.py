"""Loads the model and the pronunciations of its languages."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from services.chassis.errors import EngineUnavailable
from services.chassis.models.cache import model_folder
from services.tts.engines.kokoro.pronunciation.languages import Pronunciations
from services.tts.engines.kokoro.voice_model import KokoroModel
from services.tts.engines.kokoro.voices import LANGUAGES
from services.tts.script.tokens import Token

MODEL = "kokoro"
_AMERICAN = LANGUAGES["a"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The open model, and how it pronounces."""

    model: KokoroModel
    pronunciations: Pronunciations

    def signs_of(self, sentence: str) -> Sequence[str]:
        """Returns the signs of an American English sentence that has words, commas and a full stop only."""
        parts = re.findall(r"(\w+)(\W*?)(\s*)(?=\w|$)", sentence)
        tokens = [Token(word, word, tail=tail, gap=gap) for word, tail, gap in parts]
        return [mark.sign for mark in self.pronunciations.marks(_AMERICAN, tokens, range(len(tokens)))]


def load() -> Loaded:
    """Raises `ModelMissing`."""
    known = _known_signs()
    return Loaded(KokoroModel(model_folder(MODEL), known), Pronunciations(known))


def _known_signs() -> Mapping[str, int]:
    """Returns the signs of the model with their numbers. The package of hibari has the same list."""
    package = find_spec("hibari")
    if package is None or package.origin is None:
        raise EngineUnavailable("The package hibari-tts is missing: reinstall the requirements.")
    return json.loads((Path(package.origin).parent / "assets" / "vocab.json").read_text(encoding="utf-8"))
