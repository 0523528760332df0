"""Tokens: the words of a script, in the form in which engines get them."""

from dataclasses import dataclass, field

from services.tts.script.spans import Manner


@dataclass(frozen=True, slots=True)
class Token:
    """A word, `shown` as it is written and `spoken` as it is read.

    After it come `tail` (punctuation) and `gap` (white space, dashes). If `ipa` is given, the word is said
    so, however it is spelled.
    """

    shown: str
    spoken: str
    manner: Manner = field(default_factory=Manner)
    tail: str = ""
    gap: str = ""
    ipa: str = ""
