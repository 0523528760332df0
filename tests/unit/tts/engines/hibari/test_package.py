"""Compares the packed dictionaries and weights with the package's own."""

import subprocess
import sys
from typing import Any

import pytest

from services.tts.engines.hibari.package import english, import_package

# The package has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false

SENTENCES = (
    "Hello there.",
    "I read the record that they record, and I'll read it live where we live.",
    "“Do you use it?” — the U.S. minister's use of 3.5% of £20 on the 21st…",
    "O'Neill's well-known co-workers desert the desert; they can't close so close to 1984.",
    "Qwxyzzy gronkled iPhone2go @home #now AT&T's 2nd-hand E-mails vs. lead pipes!",
    "naïve café Übermensch -- ''tis the season'' (for) [brackets] and $5.00 / €7",
)


@pytest.fixture(scope="module")
def both() -> tuple[Any, Any]:
    """The packed reader of English and the package's own."""
    import_package()
    from hibari.g2p import G2P

    return english(british=False), G2P()


@pytest.mark.parametrize("sentence", SENTENCES)
def test_tags_and_phonemes_are_those_of_the_package(both: tuple[Any, Any], sentence: str) -> None:
    packed, own = both
    read = [token.text for token in own.tokenize(sentence)]
    assert packed.tagger(read) == own.tagger(read)
    assert packed(sentence) == own(sentence)


@pytest.mark.parametrize("dictionary", ["golds", "silvers"])
def test_each_word_has_its_phonemes(both: tuple[Any, Any], dictionary: str) -> None:
    packed, own = (getattr(g2p.lexicon, dictionary) for g2p in both)
    assert [word for word, phonemes in own.d.items() if packed.d.get(word) != phonemes] == []


def test_each_feature_has_its_scores_in_their_order(both: tuple[Any, Any]) -> None:
    packed, own = (g2p.tagger.weights for g2p in both)
    different = [
        feature
        for feature, scores in own.items()
        if list(packed.get(feature).items()) != list(scores.items())
    ]
    assert different == []


def test_package_is_imported_without_scipy() -> None:
    code = (
        "import sys; from services.tts.engines.hibari.package import import_package; import_package();"
        " from hibari import dsp; assert dsp.FFT_BACKEND == 'numpy', dsp.FFT_BACKEND;"
        " assert not [name for name in sys.modules if name.startswith('scipy')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
