"""Chooses the engine and the voice of a script: those that it names, or the best for its language."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from services.chassis.engine_api.spec import EngineSpec, Voice
from services.chassis.text.quoted import quoted
from services.chassis.text.writing_systems import foreign_letters, letters_by_system, unreadable_letters
from services.gateway.engines.catalogue import Catalogue
from services.gateway.engines.voice_aliases import MODELS
from services.gateway.http.errors import invalid
from services.gateway.intake.language import AUTO, ENGLISH, language_of
from services.gateway.voices.cloned import ReadyVoice

MAX_NAMED = 5
_NO_VOICE = (
    "No voice here can read {}. Write it in letters that one can, or install more voices with `make voices`."
)
Letters = Mapping[str, str]
"""Letters of a text by writing system, of `letters_by_system`."""


def choose_voice(
    catalogue: Catalogue, voice: ReadyVoice | str | None, model: EngineSpec | None, text: str, param: str
) -> tuple[EngineSpec, Voice]:
    """Returns the engine and the voice of a text: of the named `voice` and `model`, or the best there is for
    the text's language. A cloned voice is spoken by its own engine, in the language and accent of the voice
    that is returned.

    Raises a 422 if there is no such voice, or if its engine has no voice for the letters of the text; a 503
    while no engine speaks.
    """
    letters = letters_by_system(text)
    if isinstance(voice, ReadyVoice):
        engine = catalogue.cloning_engine(voice.engine, param)
        return _best_voice(catalogue, engine, _languages_of(voice, text), letters, param)
    if voice is None or voice == AUTO:
        return _best_voice(catalogue, model, (language_of(text),), letters, param)
    engine, chosen = catalogue.voice(voice, model, param)
    if foreign := _unreadable(engine, chosen, letters):
        raise invalid("voice_unsuitable", _unsuitable(catalogue, chosen, foreign, letters), param)
    return engine, chosen


def choose_model(catalogue: Catalogue, model: str | None, param: str) -> EngineSpec | None:
    """Returns the TTS engine that a request names; `None` if it leaves the choice to the voice, as it does
    with the names of other providers' models."""
    if model is None or model == AUTO or model in MODELS:
        return None
    return catalogue.engine("tts", model, param)


def _best_voice(
    catalogue: Catalogue, model: EngineSpec | None, languages: Sequence[str], letters: Letters, param: str
) -> tuple[EngineSpec, Voice]:
    engines = [model] if model and model.voices else catalogue.speaking_engines(param)
    speakers = _speakers(engines, languages)
    unable = {engine.name for engine, voice in speakers if _unreadable(engine, voice, letters)}
    engines = [engine for engine in engines if engine.name not in unable]
    rest = ((engine, voice) for engine in engines for voice in engine.voices)
    for engine, voice in itertools.chain(_speakers(engines, (*languages, ENGLISH)), rest):
        if not _unreadable(engine, voice, letters):
            return engine, voice
    foreign = foreign_letters((ENGLISH,), letters) or "".join(letters.values())
    message = _NO_VOICE.format(quoted(foreign))
    if model and (names := _able(catalogue, foreign, letters, languages[-1])):
        message = f"{model.name} cannot read {quoted(foreign)}. Use a voice that can, such as {names}."
    raise invalid("voice_unsuitable", message, param)


def _speakers(engines: Sequence[EngineSpec], languages: Iterable[str]) -> Iterator[tuple[EngineSpec, Voice]]:
    """Yields the first voice of each engine for the first language, then for the next."""
    for language in languages:
        for engine in engines:
            speaker = next((each for each in engine.voices if _speaks(each, language)), None)
            if speaker is not None:
                yield engine, speaker


def _speaks(voice: Voice, language: str) -> bool:
    """Tells whether the voice speaks a language, or, of a tag with a region, exactly that."""
    tag, spoken = voice.language.lower(), voice.language.lower().partition("-")[0]
    return language in (tag, spoken) or (language == "zh" and spoken == "cmn")


def _languages_of(voice: ReadyVoice, text: str) -> Sequence[str]:
    """Returns the language of a text, after the tag of the cloned voice if it is of that language."""
    own, language = voice.language.lower(), language_of(text)
    return (own, language) if own.partition("-")[0] == language else (language,)


def _unreadable(engine: EngineSpec, voice: Voice, letters: Letters) -> str:
    """Returns letters of the text that neither the voice nor another one of its engine can read."""
    languages = (each.language for each in engine.voices)
    return unreadable_letters(voice.language, letters) or foreign_letters(languages, letters)


def _unsuitable(catalogue: Catalogue, voice: Voice, foreign: str, letters: Letters) -> str:
    language = voice.language.partition("-")[0] if unreadable_letters(voice.language, letters) else ""
    names = _able(catalogue, foreign, letters, language)
    if not names:
        return _NO_VOICE.format(quoted(foreign))
    return (
        f"The voice {quoted(voice.id)} cannot read {quoted(foreign)}. Use one that can, such as {names}, or "
        "leave the voice out."
    )


def _able(catalogue: Catalogue, foreign: str, letters: Letters, language: str) -> str:
    """Returns some voices that read the foreign letters, and the whole text; of the language if it is
    given."""
    own = letters_by_system(foreign)
    able = (
        quoted(each.id)
        for engine in catalogue.engines("tts")
        for each in engine.voices
        if (not language or _speaks(each, language))
        and not foreign_letters((each.language,), own)
        and not _unreadable(engine, each, letters)
    )
    return ", ".join(itertools.islice(able, MAX_NAMED))
