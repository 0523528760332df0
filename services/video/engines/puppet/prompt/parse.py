"""Reads a prompt: what the camera and the person do, one thing after the other. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.chassis.engine_api.timeline import Emotion
from services.video.engines.puppet.prompt.vocabulary import (
    IGNORED,
    TIMES,
    CameraMove,
    Doing,
    amount_of,
    doing_of,
    is_object,
    is_verb,
    speed_of,
    stem_of,
)

_STEP_ENDS = re.compile(r"[.;!?\n]+|\bthen\b|\bafter that\b|\bafterwards\b|\bfinally\b")
_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Cue:
    """`start` and `end` are shares of the whole video. A speed of 1 is usual; `times` is how often."""

    doing: Doing
    start: float = 0.0
    end: float = 1.0
    amount: float = 1.0
    speed: float = 1.0
    times: int = 1


@dataclass(frozen=True, slots=True)
class Direction:
    """`unknown_words` are in the order in which they come, each once."""

    cues: tuple[Cue, ...] = ()
    unknown_words: tuple[str, ...] = ()

    @property
    def moves_camera(self) -> bool:
        return any(
            isinstance(cue.doing, CameraMove) and cue.doing is not CameraMove.STILL for cue in self.cues
        )


@dataclass(frozen=True, slots=True)
class _Step:
    cues: tuple[Cue, ...]
    unknown: tuple[str, ...]


def parse_prompt(prompt: str) -> Direction:
    """Sentences, and what stands before and after "then", share the time evenly; in one sentence things
    happen together, but for those that contradict each other."""
    steps = [_read(_WORDS.findall(part)) for part in _STEP_ENDS.split(prompt.lower())]
    unknown = dict.fromkeys(word for step in steps for word in step.unknown)
    acted = [step for step in steps if step.cues]
    cues = [
        replace(cue, start=(number + cue.start) / len(acted), end=(number + cue.end) / len(acted))
        for number, step in enumerate(acted)
        for cue in step.cues
    ]
    return Direction(tuple(cues), tuple(unknown))


def _read(words: list[str]) -> _Step:
    amount, speed, times = 1.0, 1.0, 1
    left: list[str] = []
    for word in words:
        if (found := amount_of(word)) is not None:
            amount = found
        elif (found := speed_of(word)) is not None:
            speed = found
        elif word in TIMES:
            times = TIMES[word]
        elif word in IGNORED:
            continue
        else:
            left.append(word)
    phrases = list(_phrases(left))
    cues = tuple(
        replace(cue, amount=amount, speed=speed, times=times)
        for verb in dict.fromkeys(phrase.verb for phrase in phrases)
        for cue in _one_after_the_other([each.doing for each in phrases if each.verb == verb and each.doing])
    )
    return _Step(cues, tuple(word for phrase in phrases for word in phrase.unknown))


@dataclass(frozen=True, slots=True)
class _Phrase:
    verb: str
    doing: Doing | None
    unknown: tuple[str, ...] = ()


def _phrases(words: list[str]) -> Iterator[_Phrase]:
    """Each verb with each thing that follows it: "look left and right" is two."""
    verb, spelled, used = "", "", True
    for word in words:
        stem = stem_of(word)
        if is_verb(stem):
            if not used and not _is_how_it_looks(verb, stem):
                yield _alone(verb, spelled)
            verb, spelled, used = stem, word, False
        elif (doing := doing_of(verb, stem)) is not None:
            yield _Phrase(verb, doing)
            used = True
        elif not is_object(stem):
            yield _Phrase("", None, (word,))
    if not used:
        yield _alone(verb, spelled)


def _is_how_it_looks(verb: str, next_verb: str) -> bool:
    """As in "look happy"."""
    return verb == "look" and isinstance(doing_of(next_verb, ""), Emotion)


def _alone(verb: str, spelled: str) -> _Phrase:
    doing = doing_of(verb, "")
    return _Phrase(verb, doing, () if doing is not None else (spelled,))


def _one_after_the_other(doings: list[Doing]) -> Iterator[Cue]:
    for number, doing in enumerate(doings):
        yield Cue(doing, number / len(doings), (number + 1) / len(doings))
