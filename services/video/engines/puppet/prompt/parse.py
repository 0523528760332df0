"""Parses a prompt into actions of the camera and the person, with their times. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.chassis.engine_api.timeline import Emotion
from services.video.engines.puppet.prompt.vocabulary import (
    IGNORED,
    TIMES,
    ActionKind,
    CameraMove,
    action_of,
    amount_of,
    is_object,
    is_verb,
    speed_of,
    stem_of,
)

_STEP_ENDS = re.compile(r"[.;!?\n]+|\bthen\b|\bafter that\b|\bafterwards\b|\bfinally\b")
_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class PromptAction:
    """Action of a prompt: `start` and `end` are shares of the whole video.

    A speed of 1 is usual; `times` is how often.
    """

    kind: ActionKind
    start: float = 0.0
    end: float = 1.0
    amount: float = 1.0
    speed: float = 1.0
    times: int = 1


@dataclass(frozen=True, slots=True)
class ParsedPrompt:
    """Actions of a prompt, and its `unknown_words` in the order in which they come, each once."""

    actions: tuple[PromptAction, ...] = ()
    unknown_words: tuple[str, ...] = ()

    @property
    def moves_camera(self) -> bool:
        return any(
            isinstance(action.kind, CameraMove) and action.kind is not CameraMove.STILL
            for action in self.actions
        )


@dataclass(frozen=True, slots=True)
class _Step:
    actions: tuple[PromptAction, ...]
    unknown: tuple[str, ...]


def parse_prompt(prompt: str) -> ParsedPrompt:
    """Parses a prompt. Its steps are sentences, and what stands before and after "then".

    Steps share the time evenly. Actions of one step happen together, but for those that contradict each
    other.
    """
    steps = [_read(_WORDS.findall(part)) for part in _STEP_ENDS.split(prompt.lower())]
    unknown = dict.fromkeys(word for step in steps for word in step.unknown)
    active = [step for step in steps if step.actions]
    actions = [
        replace(
            action,
            start=(number + action.start) / len(active),
            end=(number + action.end) / len(active),
        )
        for number, step in enumerate(active)
        for action in step.actions
    ]
    return ParsedPrompt(tuple(actions), tuple(unknown))


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
    actions = tuple(
        replace(action, amount=amount, speed=speed, times=times)
        for verb in dict.fromkeys(phrase.verb for phrase in phrases)
        for action in _in_sequence([each.kind for each in phrases if each.verb == verb and each.kind])
    )
    return _Step(actions, tuple(word for phrase in phrases for word in phrase.unknown))


@dataclass(frozen=True, slots=True)
class _Phrase:
    verb: str
    kind: ActionKind | None
    unknown: tuple[str, ...] = ()


def _phrases(words: list[str]) -> Iterator[_Phrase]:
    """Yields each verb with each thing that follows it: "look left and right" is two."""
    verb, spelled, used = "", "", True
    for word in words:
        stem = stem_of(word)
        if is_verb(stem):
            if not used and not _is_look(verb, stem):
                yield _alone(verb, spelled)
            verb, spelled, used = stem, word, False
        elif (action := action_of(verb, stem)) is not None:
            yield _Phrase(verb, action)
            used = True
        elif not is_object(stem):
            yield _Phrase("", None, (word,))
    if not used:
        yield _alone(verb, spelled)


def _is_look(verb: str, next_verb: str) -> bool:
    """Returns whether two verbs name a look, as in "look happy"."""
    return verb == "look" and isinstance(action_of(next_verb, ""), Emotion)


def _alone(verb: str, spelled: str) -> _Phrase:
    action = action_of(verb, "")
    return _Phrase(verb, action, () if action is not None else (spelled,))


def _in_sequence(actions: list[ActionKind]) -> Iterator[PromptAction]:
    for number, action in enumerate(actions):
        yield PromptAction(action, number / len(actions), (number + 1) / len(actions))
