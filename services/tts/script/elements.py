"""Maps each SSML element to its effect on the text inside."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from services.chassis.errors import InvalidArgument
from services.chassis.text.quoted import quoted, shortened
from services.tts.script.phonetics import checked_ipa, ipa_of_x_sampa
from services.tts.script.spans import Break, Emphasis, Ipa, Kind, Manner, Reading, Respelled, SayAs

T = TypeVar("T")
Attributes = Mapping[str, str]
MAX_BREAK_SECONDS = 10.0
MAX_READ_CHARACTERS = 500
"""Longest text inside an element that says how it is read, and longest alias: each is spoken as a whole."""
LANGUAGE_VOICE = "lang:"
"""Prefix of a language tag in `Manner.voice`: any voice that speaks the language."""

_BREAKS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2}
_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.4, "x-fast": 1.9}
_PITCHES = {"x-low": -6.0, "low": -3.0, "medium": 0.0, "default": 0.0, "high": 3.0, "x-high": 6.0}
_VOLUMES = {
    "silent": -math.inf,
    "x-soft": -12.0,
    "soft": -6.0,
    "medium": 0.0,
    "default": 0.0,
    "loud": 4.0,
    "x-loud": 6.0,
}
_SECONDS = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(ms|s)")
_PERCENT = re.compile(r"([+-]?)(\d+(?:\.\d+)?)%")
_SEMITONES = re.compile(r"([+-]?\d+(?:\.\d+)?)st")
_DECIBELS = re.compile(r"([+-]?\d+(?:\.\d+)?)dB", re.IGNORECASE)
_FACTOR = re.compile(r"\d+(?:\.\d+)?")


class Refusal(Exception):
    """Reason why an element is refused; the parser adds the place."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Properties of the text inside an element."""

    manner: Manner
    reading: Reading | None = None


Result = tuple[Scope, Break | None]


def _speak(scope: Scope, attributes: Attributes) -> Result:
    return scope, None


def _sentence(scope: Scope, attributes: Attributes) -> Result:
    return scope, Break(0.0)


def _break(scope: Scope, attributes: Attributes) -> Result:
    _only(attributes, "time", "strength")
    if "time" not in attributes:
        return scope, Break(_one_of(attributes.get("strength", "medium"), "strength", _BREAKS))
    match = _SECONDS.fullmatch(attributes["time"].strip())
    if match is None:
        raise Refusal(f'takes a time as "700ms" or "1.5s", not {quoted(attributes["time"])}.')
    seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
    if seconds > MAX_BREAK_SECONDS:
        raise Refusal(f"lasts {MAX_BREAK_SECONDS:g} s at most.")
    return scope, Break(seconds)


def _emphasis(scope: Scope, attributes: Attributes) -> Result:
    _only(attributes, "level")
    levels = {level.value: level for level in Emphasis}
    level = _one_of(attributes.get("level", "moderate"), "level", levels)
    return replace(scope, manner=replace(scope.manner, emphasis=level)), None


def _prosody(scope: Scope, attributes: Attributes) -> Result:
    _only(attributes, "rate", "pitch", "volume")
    manner = scope.manner
    changed = replace(
        manner,
        rate=manner.rate * _rate(attributes.get("rate", "default")),
        pitch_semitones=manner.pitch_semitones + _pitch(attributes.get("pitch", "default")),
        volume_db=manner.volume_db + _volume(attributes.get("volume", "default")),
    )
    return replace(scope, manner=changed), None


def _say_as(scope: Scope, attributes: Attributes) -> Result:
    _only(attributes, "interpret-as", "format")
    kinds = {kind.value: kind for kind in Kind}
    kind = _one_of(_required(attributes, "interpret-as"), "interpret-as", kinds)
    order = attributes.get("format", "") if kind is Kind.DATE else ""
    if not re.fullmatch("[dmy]{0,3}", order) or len(set(order)) != len(order):
        raise Refusal(f'takes a format of d, m and y, as "dmy", not {quoted(order)}.')
    return replace(scope, reading=SayAs(kind, order)), None


def _phoneme(scope: Scope, attributes: Attributes) -> Result:
    _only(attributes, "alphabet", "ph")
    alphabets: dict[str, Callable[[str], str]] = {"ipa": checked_ipa, "x-sampa": ipa_of_x_sampa}
    spell = _one_of(attributes.get("alphabet", "ipa"), "alphabet", alphabets)
    try:
        return replace(scope, reading=Ipa(spell(_required(attributes, "ph")))), None
    except InvalidArgument as error:
        raise Refusal(f"has a wrong ph: {error.message}") from None


def _sub(scope: Scope, attributes: Attributes) -> Result:
    _only(attributes, "alias")
    alias = _required(attributes, "alias")
    if len(alias) > MAX_READ_CHARACTERS:
        raise Refusal(f"takes an alias of {MAX_READ_CHARACTERS} characters at most.")
    return replace(scope, reading=Respelled(alias)), None


def _voice(scope: Scope, attributes: Attributes) -> Result:
    _only(attributes, "name", "language", "xml:lang")
    language = attributes.get("language") or attributes.get("xml:lang")
    voice = f"{LANGUAGE_VOICE}{language.lower()}" if language else _required(attributes, "name")
    return replace(scope, manner=replace(scope.manner, voice=voice)), Break(0.0)


ELEMENTS: Mapping[str, Callable[[Scope, Attributes], Result]] = {
    "speak": _speak,
    "p": _sentence,
    "s": _sentence,
    "break": _break,
    "emphasis": _emphasis,
    "prosody": _prosody,
    "say-as": _say_as,
    "phoneme": _phoneme,
    "sub": _sub,
    "voice": _voice,
}
"""Functions that return the scope inside an element, and the break before it. They raise `Refusal`."""


def _rate(value: str) -> float:
    """Returns a factor. A percentage without a sign is a share of the normal rate."""
    if match := _PERCENT.fullmatch(value):
        share = float(match[2]) / 100
        factor = {"": share, "+": 1 + share, "-": 1 - share}[match[1]]
    else:
        factor = (
            float(value) if _FACTOR.fullmatch(value) else _one_of(value, "rate", _RATES, ', "80%" or "+10%"')
        )
    if not 0.1 <= factor <= 10:
        raise Refusal(f"takes a rate of 10% to 1000%, not {quoted(value)}.")
    return factor


def _pitch(value: str) -> float:
    """Returns semitones."""
    if match := _SEMITONES.fullmatch(value):
        return float(match[1])
    if match := _PERCENT.fullmatch(value):
        factor = 1 + float(f"{match[1] or '+'}{match[2]}") / 100
        if factor <= 0:
            raise Refusal(f"takes a pitch above -100%, not {quoted(value)}.")
        return 12 * math.log2(factor)
    return _one_of(value, "pitch", _PITCHES, ', "+2st" or "-10%"')


def _volume(value: str) -> float:
    match = _DECIBELS.fullmatch(value)
    return float(match[1]) if match else _one_of(value, "volume", _VOLUMES, ' or "+3dB"')


def _one_of(value: str, name: str, known: Mapping[str, T], more: str = "") -> T:
    try:
        return known[value.strip().lower()]
    except KeyError:
        raise Refusal(f"takes as {name} {', '.join(known)}{more}, not {quoted(value)}.") from None


def _required(attributes: Attributes, name: str) -> str:
    if not attributes.get(name, "").strip():
        raise Refusal(f"needs the attribute {name}.")
    return attributes[name].strip()


def _only(attributes: Attributes, *known: str) -> None:
    for name in attributes:
        if name not in known:
            raise Refusal(f"has no attribute {shortened(name)}, only {', '.join(known)}.")
