"""Speaks a sentence in a voice, once for each version of its engine."""

from collections.abc import Mapping

from services.chassis.engine_api.spec import EngineSpec, Voice
from services.chassis.text.writing_systems import letters_by_system, unreadable_letters
from services.gateway.components import Components
from services.gateway.speech.formats import OPENAI_FORMATS
from services.gateway.speech.streams import as_bytes
from services.gateway.speech.synthesis import SynthesisRequest, speak
from services.gateway.voices.cloned import ReadyVoice

FORMAT = OPENAI_FORMATS["mp3"]
ENGLISH = "This is how I sound. Give me your words, and I will say them for you."
SENTENCES: Mapping[str, str] = {
    "de": "So klinge ich. Gib mir deine Worte, und ich spreche sie für dich.",
    "es": "Así sueno yo. Dame tus palabras y las diré por ti.",
    "fr": "Voici ma voix. Donnez-moi vos mots, et je les dirai pour vous.",
    "hi": "मेरी आवाज़ ऐसी है। अपने शब्द दीजिए, मैं उन्हें बोलूँगी।",
    "it": "Questa è la mia voce. Dammi le tue parole e le dirò per te.",
    "ja": "これがわたしのこえです。ことばをください。かわりにはなします。",
    "nl": "Zo klink ik. Geef me je woorden, en ik spreek ze voor je uit.",
    "pl": "Tak brzmi mój głos. Daj mi swoje słowa, a je wypowiem.",
    "pt": "É assim que eu soo. Dê-me as suas palavras, e eu as direi por você.",
    "ru": "Так звучит мой голос. Дайте мне ваши слова, и я их произнесу.",
    "cmn": "这是我的声音。给我你的文字，我来替你说。",
    "zh": "这是我的声音。给我你的文字，我来替你说。",
}
"""What is said, by language; voices of other languages say the English sentence."""


async def preview(components: Components, workspace: str, spec: EngineSpec, voice: Voice) -> bytes:
    """Returns a sentence in the voice as MP3. Raises what speech raises."""
    key = spec.name, spec.version, voice.id
    name, text = f"{spec.name}:{voice.id}", sentence_in(voice.language)
    return await components.previews.get(key, lambda: _said(components, workspace, name, text))


async def cloned_preview(components: Components, workspace: str, voice: ReadyVoice) -> bytes:
    """Returns a sentence in the cloned voice as MP3. Raises what speech raises."""
    engine = components.catalogue.cloning_engine(voice.engine, "voice_id")
    key = engine.name, engine.version, f"{voice.speaker.sha256} {voice.language}"
    return await components.previews.get(
        key, lambda: _said(components, workspace, voice.id, sentence_in(voice.language))
    )


def sentence_in(language: str) -> str:
    """Returns what is said in a language, given by its BCP 47 tag."""
    text = SENTENCES.get(language.partition("-")[0].lower(), ENGLISH)
    return ENGLISH if unreadable_letters(language, letters_by_system(text)) else text


async def _said(components: Components, workspace: str, voice: str, text: str) -> bytes:
    request = SynthesisRequest(
        text=text,
        voice=voice,
        with_lexicon=False,  # what one workspace has there is not for the others
        fields=("voice_id", "voice_id", "voice_id"),
    )
    chunks = await speak(components, workspace, request)
    return b"".join([data async for data in as_bytes(chunks, FORMAT)])
