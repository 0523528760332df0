"""Opens the package `hibari` so that its dictionaries and weights take 20 MiB instead of 97."""

import gzip
from array import array
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import orjson

from services.chassis.imports import hidden
from services.tts.engines.hibari.packed import PackedIndex, PackedTexts

# The package has no types, and no public name for the reader of its files.
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportPrivateUsage=false

_CACHED = 4096
"""Number of look-ups whose results are kept: the frequent words and features of a language."""
_OBJECT = "{"
"""Begins the text of an object in JSON: the phonemes of a word by its part of speech."""


class PackedLexicon:
    """The phonemes of words, as the package's `Lexicon` asks for them."""

    def __init__(self, entries: Mapping[str, Any]) -> None:
        self._words = PackedIndex(entries)
        self._phonemes = PackedTexts(
            [one if isinstance(one, str) else orjson.dumps(one).decode() for one in entries.values()]
        )
        self.get = lru_cache(_CACHED)(self._found)

    def _found(self, word: str) -> Any:
        place = self._words.find(word)
        if place is None:
            return None
        phonemes = self._phonemes[place]
        return orjson.loads(phonemes) if phonemes.startswith(_OBJECT) else phonemes


class Scores(list[tuple[str, float]]):
    """Tags and what a feature adds to each, as the package's `Tagger` goes through them."""

    def items(self) -> Iterable[tuple[str, float]]:
        return self


class PackedWeights:
    """The scores that features give to tags, as the package's `Tagger` asks for them."""

    def __init__(self, weights: Mapping[str, Mapping[str, float]]) -> None:
        self._features = PackedIndex(weights)
        self._starts = array("I", accumulate(map(len, weights.values()), initial=0))
        self._known = sorted(set(chain.from_iterable(weights.values())))
        numbers = {tag: number for number, tag in enumerate(self._known)}
        self._tags = bytes(map(numbers.__getitem__, chain.from_iterable(weights.values())))
        self._scores = array("d", chain.from_iterable(scores.values() for scores in weights.values()))
        self.get = lru_cache(_CACHED)(self._found)

    def _found(self, feature: str) -> Scores | None:
        place = self._features.find(feature)
        if place is None:
            return None
        span = slice(self._starts[place], self._starts[place + 1])
        tags = (self._known[number] for number in self._tags[span])
        return Scores(zip(tags, self._scores[span], strict=True))


def import_package() -> None:
    """Imports the package without scipy: its sound would have other last bits where that is installed, and
    the import would take 17 MiB and longer than the voice takes to open."""
    with hidden("scipy"):
        import hibari.dsp  # noqa: F401  # pyright: ignore[reportUnusedImport]


def english(*, british: bool) -> Any:
    """Returns a `G2P` of the package, of one accent."""
    import_package()
    from hibari.g2p import ASSETS, G2P, Lexicon, Tagger, Tokenizer, _load_json

    assets = Path(ASSETS)

    class PackedG2P(G2P):
        def __init__(self) -> None:
            accent = "gb" if british else "us"
            gold, silver = (
                PackedLexicon(_unpacked(assets / f"lexicon_{accent}_{kind}.json.gz"))
                for kind in ("gold", "silver")
            )
            self.lexicon = Lexicon(gold, silver, british)
            self.tokenizer = Tokenizer(_load_json("tokenizer_exceptions.json"))
            model = _unpacked(assets / "tagger.json.gz")
            self.tagger = Tagger({**model, "weights": PackedWeights(model["weights"])})
            self._oov, self.unk, self.british = None, "", british

    return PackedG2P()


def _unpacked(path: Path) -> Any:
    """Returns the value of a compressed JSON file, in half of the time that the package takes for it."""
    return orjson.loads(gzip.decompress(path.read_bytes()))
