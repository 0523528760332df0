"""Chooses how the text of a voice's language is pronounced."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from services.tts.engines.hibari.pronunciation import Pronunciation
from services.tts.engines.kokoro.pronunciation.by_espeak import EspeakPronunciation
from services.tts.engines.kokoro.pronunciation.chinese import ChinesePronunciation
from services.tts.engines.kokoro.pronunciation.japanese import JapanesePronunciation
from services.tts.engines.kokoro.pronunciation.writer import Sounds, Word, write_marks
from services.tts.engines.kokoro.voices import Language
from services.tts.engines.neural.alphabet import signs_of_ipa
from services.tts.engines.neural.marks import Mark
from services.tts.script.tokens import Token


class _Language(Protocol):
    def sounds(self, tokens: Sequence[Token], span: range) -> Sounds:
        """Returns the words of each token of a sentence."""
        ...


class Pronunciations:
    """Pronunciations by language, opened when they are first needed. `known` lists the signs of the model."""

    def __init__(self, known: Mapping[str, int]) -> None:
        self._known = known
        self._english: dict[str, Pronunciation] = {}
        self._others: dict[str, _Language] = {}

    def marks(self, language: Language, tokens: Sequence[Token], span: range) -> list[Mark]:
        """Returns the marks of some of the tokens, one sentence, with spaces between words.

        Raises `InvalidArgument` for phonemes of a token that the model does not have.
        """
        if language.tag.startswith("en"):
            return self._english_of(language.tag).marks(tokens, span)
        if language.tag not in self._others:
            self._others[language.tag] = self._open(language)
        said = self._others[language.tag].sounds(tokens, span)
        given = {i: [Word(signs_of_ipa(tokens[i].ipa, self._known))] for i in span if tokens[i].ipa}
        marks = write_marks(tokens, span, {**said, **given}, self._known)
        return [replace(mark, ipa=language.spoken.get(mark.sign, "")) for mark in marks]

    def _english_of(self, tag: str) -> Pronunciation:
        if tag not in self._english:
            self._english[tag] = Pronunciation(self._known, british=tag == "en-GB")
        return self._english[tag]

    def _open(self, language: Language) -> _Language:
        if language.espeak:
            return EspeakPronunciation(language.espeak)
        return JapanesePronunciation() if language.tag == "ja-JP" else ChinesePronunciation(self._foreign)

    def _foreign(self, text: str) -> str:
        """Returns the phonemes of an English word within another language."""
        marks = self._english_of("en-US").marks((Token(text, text),), range(1)) if text else []
        return "".join(mark.sign for mark in marks)
