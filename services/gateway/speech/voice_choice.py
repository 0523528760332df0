"""Chooses the engine and the voice of a script: those that it names, or the best for its language."""

import itertools
from collections.abc import Iterable, Iterator, Sequence

from services.chassis.engine_api.spec import EngineSpec, Voice
from services.chassis.text.quoted import quoted
from services.chassis.text.writing_systems import foreign_letters, unreadable_letters
from services.gateway.engines.catalogue import Catalogue
from services.gateway.http.errors import invalid
from services.gateway.intake.language import ENGLISH, language_of
from services.gateway.speech.voice_aliases import MODELS, VOICES

AUTO = "auto"
MAX_NAMED = 5
_NO_VOICE = (
    "No voice here can read {}. Write it in letters that one can, or install more voices with `make voices`."
)


def choose_voice(
    catalogue: Catalogue, voice: str | None, model: EngineSpec | None, text: str, param: str
) -> tuple[EngineSpec, Voice]:
    """Returns the engine and the voice of a text: of the named `voice` and `model`, or the best there is for
    the text's language.

    Raises a 422 if there is no such voice, or if its engine has no voice for the letters of the text.
    """
    if voice is None or voice == AUTO:
        return _best_voice(catalogue, model, text, param)
    engine, chosen = catalogue.voice(_unaliased(catalogue, voice), model, param)
    if letters := _unreadable(engine, chosen, text):
        raise invalid("voice_unsuitable", _unsuitable(catalogue, chosen, letters, text), param)
    return engine, chosen


def choose_model(catalogue: Catalogue, model: str | None, param: str) -> EngineSpec | None:
    """Returns the TTS engine that a request names; `None` if it leaves the choice to the voice, as it does
    with the names of other providers' models."""
    if model is None or model == AUTO or model in MODELS:
        return None
    return catalogue.engine("tts", model, param)


def _best_voice(
    catalogue: Catalogue, model: EngineSpec | None, text: str, param: str
) -> tuple[EngineSpec, Voice]:
    engines = [model] if model else catalogue.speaking_engines(param)
    language = language_of(text)
    speakers = _speakers(engines, (language,))
    unable = {engine.name for engine, voice in speakers if _unreadable(engine, voice, text)}
    engines = [engine for engine in engines if engine.name not in unable]
    for engine, voice in _speakers(engines, (language, ENGLISH)):
        if not _unreadable(engine, voice, text):
            return engine, voice
    rest = ((engine, voice) for engine in engines for voice in engine.voices)
    for engine, voice in rest:
        if not _unreadable(engine, voice, text):
            return engine, voice
    raise invalid("voice_unsuitable", _NO_VOICE.format(quoted(foreign_letters((ENGLISH,), text))), param)


def _speakers(engines: Sequence[EngineSpec], languages: Iterable[str]) -> Iterator[tuple[EngineSpec, Voice]]:
    """Yields the first voice of each engine for the first language, then for the next."""
    for language in languages:
        for engine in engines:
            speaker = next((each for each in engine.voices if _speaks(each, language)), None)
            if speaker is not None:
                yield engine, speaker


def _speaks(voice: Voice, language: str) -> bool:
    spoken = voice.language.lower().partition("-")[0]
    return spoken == language or (language == "zh" and spoken == "cmn")


def _languages(engine: EngineSpec) -> Sequence[str]:
    return [voice.language for voice in engine.voices]


def _unaliased(catalogue: Catalogue, voice: str) -> str:
    """Returns the first voice that stands for another provider's one and is there; otherwise `voice`."""
    known = {each.id for engine in catalogue.engines("tts") for each in engine.voices}
    if voice.lower() in known:
        return voice
    return next((each for each in VOICES.get(voice.lower(), ()) if each in known), voice)


def _unreadable(engine: EngineSpec, voice: Voice, text: str) -> str:
    """Returns letters of the text that neither the voice nor another one of its engine can read."""
    return unreadable_letters(voice.language, text) or foreign_letters(_languages(engine), text)


def _unsuitable(catalogue: Catalogue, voice: Voice, letters: str, text: str) -> str:
    language = voice.language.partition("-")[0] if unreadable_letters(voice.language, text) else ""
    able = (
        quoted(each.id)
        for engine in catalogue.engines("tts")
        for each in engine.voices
        if not _unreadable(engine, each, text)
        and not foreign_letters((each.language,), letters)
        and (not language or _speaks(each, language))
    )
    names = ", ".join(itertools.islice(able, MAX_NAMED))
    if not names:
        return _NO_VOICE.format(quoted(letters))
    return (
        f"The voice {quoted(voice.id)} cannot read {quoted(letters)}. Use one that can, such as {names}, or "
        "leave the voice out."
    )
