"""Phonemes of the neural voices, all of which the lips must know."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from services.tts.engines.neural.alphabet import ipa_of, is_sound
from services.video.engines.puppet.mouth.phonetics import is_known, letters_of


def signs() -> list[str]:
    """Returns the signs of the model that have a sound, which are all that the nine languages can emit."""
    package = find_spec("hibari")
    assert package is not None and package.origin is not None
    vocabulary = json.loads((Path(package.origin).parent / "assets/vocab.json").read_text(encoding="utf-8"))
    return [sign for sign in vocabulary if is_sound(sign)]


@pytest.mark.parametrize("sign", signs())
def test_the_lips_know_every_sound_of_the_voices(sign: str) -> None:
    letters = letters_of(ipa_of(sign))
    assert letters and all(map(is_known, letters))
