"""Checks IPA and converts X-SAMPA, as scripts and lexicons give them."""

import re
import unicodedata

from services.chassis.errors import InvalidArgument
from services.chassis.text.quoted import quoted

MAX_IPA_CHARACTERS = 200
"""Longest IPA of one word, or of a few: a script has one for each."""
_IPA_SIGNS = frozenset("ˈˌːˑ.‿|‖ ͜͡'ʰʲʷˠˤⁿˡʱ˞˥˦˧˨˩̩̯̪̃̚↗↘-")
_IPA_LETTERS = frozenset(
    "abcdefhijklmnopqrstuvwxyzæçðøħŋœǀǁǂǃɐɑɒɓɔɕɖɗɘəɚɛɜɝɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢβθχᵻg"
)
_TABLE = r"""
@` ɚ  3` ɝ  r\` ɻ  n` ɳ  t` ʈ  d` ɖ  s` ʂ  z` ʐ  l` ɭ  r` ɽ  s\ ɕ  z\ ʑ  r\ ɹ  p\ ɸ  j\ ʝ  x\ ɧ
h\ ɦ  R\ ʀ  B\ ʙ  L\ ʟ  N\ ɴ  G\ ɢ  J\ ɟ  l\ ɺ  K\ ɮ  v\ ʋ  M\ ɰ  X\ ħ  ?\ ʕ  U\ ᵻ  @\ ɘ  3\ ɞ
_h ʰ  _j ʲ  _w ʷ  _0 ̥  _~ ̃  _= ̩  _d ̪  _^ ̯  _} ̚  _G ˠ  _?\ ˤ  A ɑ  B β  C ç  D ð  E ɛ  F ɱ
G ɣ  H ɥ  I ɪ  J ɲ  K ɬ  L ʎ  M ɯ  N ŋ  O ɔ  P ʋ  Q ɒ  R ʁ  S ʃ  T θ  U ʊ  V ʌ  W ʍ  X χ  Y ʏ
Z ʒ  @ ə  { æ  } ʉ  1 ɨ  2 ø  3 ɜ  4 ɾ  5 ɫ  6 ɐ  7 ɤ  8 ɵ  9 œ  & ɶ  ? ʔ  : ː  " ˈ  % ˌ  = ̩
~ ̃  g ɡ  ` ˞  ' ʲ
"""
"""X-SAMPA signs, each followed by its IPA."""
_X_SAMPA: dict[str, str] = dict(zip(_TABLE.split()[::2], _TABLE.split()[1::2], strict=True))
_SIGN = re.compile("|".join(map(re.escape, sorted(_X_SAMPA, key=len, reverse=True))) + "|.", re.DOTALL)


def checked_ipa(text: str) -> str:
    """Returns the IPA decomposed and without outer slashes.

    Raises `InvalidArgument` for a text that is too long, and for a sign that is not IPA, which it names.
    """
    if len(text) > MAX_IPA_CHARACTERS:
        raise InvalidArgument(
            f"{quoted(text)} is too long: {MAX_IPA_CHARACTERS} characters at most. Give each word its own."
        )
    ipa = unicodedata.normalize("NFD", text.strip().strip("/[]").replace("g", "ɡ")).replace("c\u0327", "ç")
    for sign in ipa:
        known = sign in _IPA_LETTERS or sign in _IPA_SIGNS or unicodedata.combining(sign)
        if not known:
            raise InvalidArgument(
                f'{sign!r} in {quoted(text)} is no sign of the IPA. Write IPA, as in "həˈloʊ".'
            )
    if not any(sign in _IPA_LETTERS for sign in ipa):
        raise InvalidArgument(f'{quoted(text)} has no sound: give its phonemes in IPA, as in "həˈloʊ".')
    return ipa


def ipa_of_x_sampa(text: str) -> str:
    """Returns the IPA of X-SAMPA. Raises `InvalidArgument` for a sign that is not in its table."""
    return checked_ipa("".join(_X_SAMPA.get(match[0], match[0]) for match in _SIGN.finditer(text.strip())))
