"""Converts between IPA and the phones of the recogniser's English model."""

import unicodedata

IPA_OF = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "EH": "ɛ", "ER": "ɚ", "EY": "eɪ",
    "IH": "ɪ", "IY": "i", "OW": "oʊ", "OY": "ɔɪ", "UH": "ʊ", "UW": "u",
    "B": "b", "CH": "tʃ", "D": "d", "DH": "ð", "F": "f", "G": "ɡ", "HH": "h", "JH": "dʒ", "K": "k", "L": "l",
    "M": "m", "N": "n", "NG": "ŋ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "V": "v",
    "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
VOWELS = frozenset(["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"])

# For sounds of other languages, the English sound that is nearest to the ear.
_LETTERS_OF = {
    "AA": "aɑɒä", "AE": "æɶ", "AH": "əʌɐɤɘ", "AO": "ɔ", "EH": "ɛ", "ER": "ɚɝɜɞøœɵ", "EY": "e", "IH": "ɪɨᵻ",
    "IY": "i", "OW": "o", "UH": "ʊʏ", "UW": "uyʉɯ",
    "B": "bɓʙ", "D": "dɖɾɗɽ", "DH": "ð", "F": "fɸ", "G": "ɡɟɣɢɠ", "HH": "hxχħɦɧʜ", "K": "kcq", "L": "lʎɭɫɬɮ",
    "M": "mɱ", "N": "nɲɳɴ", "NG": "ŋ", "P": "p", "R": "ɹrʁʀɻɺ", "S": "s", "SH": "ʃɕʂç", "T": "tʈ", "TH": "θ",
    "V": "vβʋⱱ", "W": "wʍɥɰ", "Y": "jʝ", "Z": "z", "ZH": "ʒʑʐ",
}  # fmt: skip
_PHONES_OF = (
    {letter: (phone,) for phone, letters in _LETTERS_OF.items() for letter in letters}
    | {ipa: (phone,) for phone, ipa in IPA_OF.items()}
    | {"əʊ": ("OW",), "ɔø": ("OY",), "ɔʏ": ("OY",), "iə": ("IH",), "ts": ("T", "S"), "dz": ("D", "Z")}
    | {"pf": ("P", "F"), "tɕ": ("CH",), "dʑ": ("JH",), "tʂ": ("CH",), "dʐ": ("JH",)}
)
_MAX_SIGNS = max(map(len, _PHONES_OF))


def phones_of(ipa: str) -> tuple[str, ...]:
    """Returns the recogniser's phones of one IPA phoneme; none for one without sound, as a glottal stop."""
    bare = "".join(_letter(c) for c in unicodedata.normalize("NFC", ipa))
    phones: list[str] = []
    while bare:
        size = next((size for size in range(_MAX_SIGNS, 1, -1) if bare[:size] in _PHONES_OF), 1)
        phones += _PHONES_OF.get(bare[:size], ())
        bare = bare[size:]
    return tuple(phones)


def _letter(character: str) -> str:
    """Returns the letter without its modifiers, unless they make another sound."""
    if character in _PHONES_OF:
        return character
    base = unicodedata.normalize("NFD", character)[0]
    return base if base in _PHONES_OF else ""
