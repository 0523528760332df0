"""What is said, word by word: the form in which engines get a script."""

from dataclasses import dataclass, field

from services.tts.script.spans import Manner


@dataclass(frozen=True, slots=True)
class Token:
    """`shown` as it is written and `spoken` as it is read; behind it stand `tail` (punctuation) and `gap`
    (white space, dashes). With `ipa` it is said so, however it is spelled."""

    shown: str
    spoken: str
    manner: Manner = field(default_factory=Manner)
    tail: str = ""
    gap: str = ""
    ipa: str = ""
