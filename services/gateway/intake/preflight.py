"""Has the services inspect the files and scripts of requests before these are accepted."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

import structlog

from services.chassis.errors import LikenessError
from services.gateway.http.errors import ApiError, invalid
from services.gateway.jobs.domain.models import JobWarning

MAX_CONCURRENCY = 4
MAX_SECONDS = 60.0
UNKNOWN_WORDS = "prompt_words_unknown"
Subject = tuple[str, ...]
Words = Sequence[str]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Question:
    """One inspection that a request needs.

    `subject` identifies the input and the purpose of the inspection; equal subjects are inspected once. `ask`
    returns the words of a prompt that the engine does not know; it raises a refusal, whose code in the API is
    `code`, or else its reason. `param` is the field that a refusal names, `stage` the stage that a warning
    names.
    """

    param: str
    subject: Subject
    ask: Callable[[], Awaitable[Words]]
    code: str = ""
    stage: str | None = None


class Preflight:
    """Inspects each subject once, a few at a time, for a minute in all.

    Subjects that are not inspected by then are accepted: their stages fail if need be.
    """

    def __init__(self) -> None:
        self._refusals: dict[Subject, LikenessError] = {}
        self._unknown: dict[Subject, Words] = {}

    async def ask(self, questions: Iterable[Question]) -> None:
        """Asks the questions and keeps the answers. Raises nothing that a service refuses."""
        by_subject = {question.subject: question for question in questions}
        limit = asyncio.Semaphore(MAX_CONCURRENCY)
        try:
            async with asyncio.timeout(MAX_SECONDS), asyncio.TaskGroup() as asking:
                for question in by_subject.values():
                    asking.create_task(self._ask(question, limit))
        except TimeoutError:
            answered = len(self._refusals) + len(self._unknown)
            log.warning("preflight.incomplete", total=len(by_subject), answered=answered)

    def refusals_of(self, questions: Iterable[Question]) -> list[ApiError]:
        """Returns 422s in the order of the questions, one for each subject."""
        found: dict[Subject, ApiError] = {}
        for question in questions:
            refusal = self._refusals.get(question.subject)
            if refusal is not None and question.subject not in found:
                code = question.code or refusal.reason.value
                found[question.subject] = invalid(code, refusal.message, question.param)
        return list(found.values())

    def warnings_of(self, questions: Iterable[Question]) -> tuple[JobWarning, ...]:
        """Returns a warning for each prompt with words that its engine does not know."""
        warnings: list[JobWarning] = []
        for question in questions:
            if words := self._unknown.get(question.subject):
                message = f"Of the prompt these words mean nothing here: {', '.join(words)}."
                warnings.append(JobWarning(UNKNOWN_WORDS, message, question.stage))
        return tuple(warnings)

    async def _ask(self, question: Question, limit: asyncio.Semaphore) -> None:
        async with limit:
            try:
                self._unknown[question.subject] = await question.ask()
            except LikenessError as exc:
                self._refusals[question.subject] = exc
