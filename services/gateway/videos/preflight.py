"""Has the services look at what requests give them, before they are accepted."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.chassis.errors import LikenessError
from services.chassis.storage import Artifact
from services.gateway.components import Components
from services.gateway.http.errors import ApiError, invalid
from services.gateway.jobs.domain.models import VideoWarning
from services.gateway.videos.plan import synthesis_parameters
from services.gateway.videos.spec import OutputSpec, SceneSpec, ScriptSpec, VideoSpec

AT_ONCE = 4
MOST_SECONDS = 60.0
UNKNOWN_WORDS = "prompt_words_unknown"
Subject = tuple[str, ...]
Words = Sequence[str]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Question:
    """`subject` is what is looked at and what for, `field` the scene's that gives it. `ask` returns words
    that mean nothing; it raises a refusal, whose code is `code`, or else its reason."""

    field: str
    subject: Subject
    ask: Callable[[], Awaitable[Words]]
    code: str = ""


class Inspection:
    """Each subject is looked at once, a few at a time, for a minute in all. What is not looked at by then,
    its own stage will judge."""

    def __init__(self, components: Components) -> None:
        self._components = components
        self._refusals: dict[Subject, LikenessError] = {}
        self._unknown: dict[Subject, Words] = {}

    async def look_at(self, specs: Iterable[VideoSpec]) -> None:
        questions = {
            question.subject: question
            for spec in specs
            for scene in spec.scenes
            for question in self._questions(scene, spec.output)
        }
        places = asyncio.Semaphore(AT_ONCE)
        try:
            async with asyncio.timeout(MOST_SECONDS), asyncio.TaskGroup() as asking:
                for question in questions.values():
                    asking.create_task(self._ask(question, places))
        except TimeoutError:
            answered = len(self._refusals) + len(self._unknown)
            log.warning("not_all_inspected", asked=len(questions), answered=answered)

    def refusals_of(self, spec: VideoSpec, *, many: bool) -> list[ApiError]:
        """422s in the order of the scenes, one for each subject. `many`: the request has scenes."""
        found: dict[Subject, ApiError] = {}
        for number, scene in enumerate(spec.scenes):
            path = f"scenes.{number}." if many else ""
            for question in self._questions(scene, spec.output):
                refusal = self._refusals.get(question.subject)
                if refusal is not None and question.subject not in found:
                    code = question.code or refusal.reason.value
                    found[question.subject] = invalid(code, refusal.message, f"{path}{question.field}")
        return list(found.values())

    def with_warnings(self, spec: VideoSpec) -> VideoSpec:
        """The same video, and which words of its prompts mean nothing."""
        warnings: list[VideoWarning] = []
        for number, scene in enumerate(spec.scenes):
            for question in self._questions(scene, spec.output):
                if words := self._unknown.get(question.subject):
                    message = f"Of the prompt these words mean nothing here: {', '.join(words)}."
                    warnings.append(VideoWarning(UNKNOWN_WORDS, message, f"scene-{number}/video"))
        return replace(spec, warnings=(*spec.warnings, *warnings))

    async def _ask(self, question: Question, places: asyncio.Semaphore) -> None:
        async with places:
            try:
                self._unknown[question.subject] = await question.ask()
            except LikenessError as exc:
                self._refusals[question.subject] = exc

    def _questions(self, scene: SceneSpec, output: OutputSpec) -> Iterator[Question]:
        if isinstance(scene.speech, ScriptSpec) and may_be_wrong(scene.speech):
            yield self._script(scene.speech)
        if scene.conversion is not None and scene.conversion.reference is not None:
            yield self._reference(scene.conversion.engine.name, scene.conversion.reference)
        yield self._portrait(scene, output.overlay)

    def _script(self, script: ScriptSpec) -> Question:
        engine, parameters = script.engine.name, synthesis_parameters(script)

        async def read() -> Words:
            await self._components.speech.inspect(engine, SynthesisTask(**parameters))
            return ()

        return Question("script", ("script", engine, str(parameters)), read, "script_invalid")

    def _reference(self, engine: str, reference: Artifact) -> Question:
        async def listen() -> Words:
            await self._components.conversion.inspect(engine, reference)
            return ()

        subject = "reference", engine, reference.sha256
        return Question("conversion.reference", subject, listen, "reference_invalid")

    def _portrait(self, scene: SceneSpec, overlay: Mapping[str, Any]) -> Question:
        seen_as = scene.landmarks, scene.face, scene.prompt, overlay
        subject = "portrait", scene.engine.name, scene.portrait.sha256, str(seen_as)
        return Question("image", subject, lambda: self._components.portraits.inspect(scene, overlay))


def may_be_wrong(script: ScriptSpec) -> bool:
    """Plain text cannot be: nobody needs to be asked."""
    return script.ssml or bool(script.lexicon) or "[" in script.text
