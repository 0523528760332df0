"""`/v1/lexicon`: pronunciations of words in all scripts of a workspace."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.gateway.assets.schemas import Deleted
from services.gateway.components import Components, Wired
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.declared import Codes, errors, reasons
from services.gateway.http.errors import ApiError, invalid, not_found
from services.gateway.http.guarded_route import GuardedRoute
from services.gateway.http.inspection_errors import REFUSALS
from services.gateway.intake.language import load_languages
from services.gateway.lexicon import repository
from services.gateway.lexicon.pronunciation import Pronunciation, parameters_of, spelled
from services.gateway.lexicon.repository import MAX_WORDS
from services.gateway.speech.voice_choice import choose_voice

router = APIRouter(
    prefix="/v1/lexicon", tags=["lexicon"], dependencies=REQUIRES_KEY, route_class=GuardedRoute
)
NOT_FOUND: Codes = {404: "pronunciation_not_found"}
Word = Annotated[str, Path(max_length=100, description="A word, or a few that stand together.")]


class Reading(BaseModel):
    """Pronunciation of a word, in IPA or respelled."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"respelling": "see quill"}, {"ipa": "ˈsiːkwəl"}]}
    )

    ipa: str = Field(default="", max_length=200, description="Its phonemes, such as həˈloʊ.")
    respelling: str = Field(
        default="", max_length=200, description="Words that are read in its place, such as see quill."
    )

    @model_validator(mode="after")
    def is_one(self) -> "Reading":
        if bool(self.ipa.strip()) == bool(self.respelling.strip()):
            raise ValueError("Give exactly one of ipa and respelling.")
        return self


class PronunciationObject(BaseModel):
    object: Literal["pronunciation"] = "pronunciation"
    word: str
    ipa: str | None
    respelling: str | None
    updated_at: int

    @classmethod
    def of(cls, entry: Pronunciation) -> "PronunciationObject":
        return cls(
            word=entry.word,
            ipa=entry.ipa or None,
            respelling=entry.respelling or None,
            updated_at=int(entry.updated_at.timestamp()),
        )


class Lexicon(BaseModel):
    object: Literal["list"] = "list"
    data: list[PronunciationObject]
    has_more: bool


@router.get("")
async def list_words(
    workspace: Workspace,
    components: Wired,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Lexicon:
    """List the lexicon in the order of its words; `after` is the last word of the page before."""
    async with components.pool.acquire() as connection:
        found = await repository.page(connection, workspace, after, limit + 1)
    return Lexicon(
        data=[PronunciationObject.of(entry) for entry in found[:limit]], has_more=len(found) > limit
    )


@router.get("/{word:path}", responses=errors(NOT_FOUND))
async def get_word(word: Word, workspace: Workspace, components: Wired) -> PronunciationObject:
    """Get the pronunciation of a word."""
    async with components.pool.acquire() as connection:
        found = await repository.find(connection, workspace, word)
    if found is None:
        raise not_found("pronunciation", word)
    return PronunciationObject.of(found)


@router.put(
    "/{word:path}",
    responses=errors(
        {
            404: "not_found",  # a line break in the word: no path matches
            409: "lexicon_full",
            422: ("word_empty", "voice_unknown"),
            503: "engine_unavailable",
        },
        reasons(*sorted(REFUSALS)),
    ),
)
async def put_word(
    word: Word, reading: Reading, workspace: Workspace, components: Wired
) -> PronunciationObject:
    """Set the pronunciation of a word for all jobs and speech created from now on. Case does not matter.

    Results in the cache stay valid for scripts without the word.
    """
    entry = Pronunciation(spelled(word), components.clock(), reading.ipa.strip(), reading.respelling.strip())
    if not entry.word:
        raise invalid("word_empty", "There is nothing to say. Give a word.", "word")
    await check(components, entry)
    async with components.pool.acquire() as connection:
        if not await repository.put(connection, workspace, entry):
            message = f"The lexicon is full: it has {MAX_WORDS} words. Delete some that no script needs."
            raise ApiError(409, "lexicon_full", message, "word")
    return PronunciationObject.of(entry)


@router.delete("/{word:path}", responses=errors(NOT_FOUND))
async def delete_word(word: Word, workspace: Workspace, components: Wired) -> Deleted:
    """Delete the pronunciation of a word."""
    async with components.pool.acquire() as connection:
        if not await repository.delete(connection, workspace, word):
            raise not_found("pronunciation", word)
    return Deleted(id=word, object="pronunciation.deleted")


async def check(components: Components, entry: Pronunciation) -> None:
    """Raises the TTS service's refusal of an invalid pronunciation."""
    await load_languages()
    engine, voice = choose_voice(components.catalogue, None, None, entry.word, "word")
    task = SynthesisTask(text=entry.word, voice=voice.id, lexicon=parameters_of([entry]))  # pyright: ignore[reportArgumentType] - takes JSON
    await components.speech.inspect(engine.name, task)
