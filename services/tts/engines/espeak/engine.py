"""Speech by espeak-ng, with its own word and phoneme events as the timeline."""

import contextlib
import functools
from collections.abc import Callable, Iterator

from services.chassis.engine import EngineLimits, EngineSpec
from services.chassis.errors import InvalidArgument
from services.tts.engines.espeak.assembly import assemble
from services.tts.engines.espeak.library import Block, EspeakLibrary, open_library
from services.tts.engines.espeak.script import Script
from services.tts.engines.espeak.stream import pull
from services.tts.engines.espeak.tuning import FASTEST, LARGEST_SHIFT, SLOWEST, tune
from services.tts.engines.espeak.voices import EspeakVoice, build_voices, find_voice
from services.tts.engines.protocol import AudioChunk, Speech

MAX_CHARACTERS = 100_000


class EspeakEngine:
    """Needs no weights and no GPU; the library is opened on first use and stays open."""

    @property
    def spec(self) -> EngineSpec:
        voices = tuple(voice.voice for voice in self._voices.values())
        return EngineSpec(
            service="tts",
            name="espeak",
            version="1",
            needs_audio=False,
            languages=tuple(dict.fromkeys(voice.language for voice in voices)),
            voices=voices,
            limits=EngineLimits(
                max_characters=MAX_CHARACTERS,
                min_speed=SLOWEST,
                max_speed=FASTEST,
                max_pitch_semitones=LARGEST_SHIFT,
            ),
        )

    def open(self) -> None:
        open_library()

    def close(self) -> None:
        """The library keeps its few megabytes: its state is the process's, not this engine's."""

    def synthesize(self, request: Speech) -> Iterator[AudioChunk]:
        """See `TtsEngine.synthesize`. Speed is 0.46 to 4, pitch -9 to +9 semitones."""
        _check_text(request.text)
        tuning = tune(request.speed, request.pitch_semitones)
        voice = find_voice(self._voices, request.voice)
        library = open_library()
        script = Script(request.text, ssml=request.ssml)

        def produce(push: Callable[[Block], bool]) -> None:
            library.speak(script.spoken, voice.identifier, tuning, ssml=request.ssml, on_block=push)

        with contextlib.closing(pull(produce)) as blocks:
            yield from _audible(assemble(blocks, script, library.sample_rate))

    @functools.cached_property
    def _voices(self) -> dict[str, EspeakVoice]:
        library: EspeakLibrary = open_library()
        return build_voices(library.voices())


def _check_text(text: str) -> None:
    if not text.strip():
        raise InvalidArgument("the text is empty: give some words to speak")
    if len(text) > MAX_CHARACTERS:
        raise InvalidArgument(f"the text has {len(text)} characters: espeak takes {MAX_CHARACTERS} at most")


def _audible(chunks: Iterator[AudioChunk]) -> Iterator[AudioChunk]:
    """The same chunks; raises `InvalidArgument` before the first if no phoneme is among them."""
    silent: list[AudioChunk] = []
    for chunk in chunks:
        silent.append(chunk)
        if chunk.phonemes:
            yield from silent
            yield from chunks
            return
    raise InvalidArgument("the text gives no sound: give some words to speak")
