"""Reads web addresses, mail addresses and telephone numbers aloud."""

import re
from collections.abc import Iterator

from services.tts.normalization.language import Language
from services.tts.normalization.rule import Rule, Said, rule

# Every length is bounded, so that no text can make the search slow.
_MAIL = r"(?<![\w.@+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?!\w)"
_TOP = "com|org|net|io|dev|edu|gov|info|eu|de|fr|es|it|pt|nl|uk|ch|at|be|us|br|mx|ca|au|app|ai"
_WEB = (
    r"(?<![\w.@/-])(?:https?://[^\s<>\"']{0,500}[\w/]|www\.[^\s<>\"']{0,500}[\w/]"
    rf"|(?:[a-z0-9][a-z0-9-]{{1,62}}\.){{1,8}}(?:{_TOP})(?:/[^\s<>\"']{{0,500}}[\w/])?)(?![\w@])"
)
_PHONE = "|".join(
    [
        r"\+\d{1,3}(?:[ .\-]?\(?\d{1,5}\)?){2,7}",
        r"\(\d{2,5}\)[ .-]?\d{2,4}(?:[ .-]?\d{2,4}){1,3}",
        r"1[-.]\d{3}[-.]\d{3}[-.]\d{4}",
        r"1-\d{3}-[A-Z]{4,7}",
        r"\d{3}[.-]\d{3}[.-]\d{4}",
        r"0\d(?:[ .-]\d\d){4}",
        r"0\d[ -]\d{6,8}",
        r"0\d{2,4}[ /-]\d{3,8}(?:[ -]?\d{2,4}){0,6}",
        r"\d{3}-\d{4}",
    ]
)
_PHONE_START, _PHONE_END = r"(?<![\w+.,/-])", r"(?![\w/-])"
_PIECE = re.compile(r"\d+|[^\W\d_]+|.", re.DOTALL)


def address_rules(language: Language) -> Iterator[Rule]:
    yield rule(_MAIL, lambda m: _spelled(language, m[0]))
    yield rule(_WEB, lambda m: _web(language, m[0]))
    phone = rf"{_PHONE_START}(?:{_PHONE}|{language.phone_pattern}){_PHONE_END}"
    yield rule(phone, lambda m: say_phone(language, m[0]))


def say_phone(language: Language, number: str) -> str:
    said = language.phone(re.findall(r"\d+", number))
    if word := re.search(r"[A-Z]+$", number):
        said = f"{said}, {word[0]}"
    return f"{language.vocabulary.signs['+']} {said}" if number.lstrip().startswith("+") else said


def _web(language: Language, address: str) -> Said:
    return _spelled(language, re.sub(r"^https?://", "", address).rstrip("/"))


def _spelled(language: Language, address: str) -> str:
    return " ".join(_piece(language, piece) for piece in _PIECE.findall(address))


def _piece(language: Language, piece: str) -> str:
    if piece.isdecimal():
        return language.digits(piece) if len(piece) > 2 or piece[0] == "0" else language.cardinal(int(piece))
    return "W W W" if piece.lower() == "www" else language.vocabulary.signs.get(piece, piece)
