"""The `espeak` engine: speech by espeak-ng, timed by the library's own word and phoneme events."""

import contextlib
import functools
from collections.abc import Callable, Iterator

from services.chassis.engine_api.spec import EngineLimits, EngineSpec
from services.tts.engines.espeak.assembly import assemble
from services.tts.engines.espeak.foreign import readable
from services.tts.engines.espeak.library import DATA, Block, EspeakLibrary, Event, open_library
from services.tts.engines.espeak.phoneme_tables import phonemes_of_voice
from services.tts.engines.espeak.phonemes import Spelling, probe, spell
from services.tts.engines.espeak.script import Script
from services.tts.engines.espeak.stream import pull
from services.tts.engines.espeak.tuning import (
    MAX_PITCH_SEMITONES,
    MAX_SPEED,
    MIN_SPEED,
    Tuning,
    tune,
)
from services.tts.engines.espeak.voices import EspeakVoice, build_voices, find_voice
from services.tts.engines.protocol import AudioChunk, Speech
from services.tts.engines.reach import check_reach

MAX_CHARACTERS = 100_000


class EspeakEngine:
    """A TTS engine without weights and GPU. The library is opened on first use and stays open."""

    def __init__(self) -> None:
        self._spellings: dict[str, Spelling] = {}

    @property
    def spec(self) -> EngineSpec:
        voices = tuple(voice.voice for voice in self._voices.values())
        return EngineSpec(
            service="tts",
            name="espeak",
            version="3",
            needs_audio=False,
            languages=tuple(dict.fromkeys(voice.language for voice in voices)),
            voices=voices,
            limits=EngineLimits(
                max_characters=MAX_CHARACTERS,
                min_speed=MIN_SPEED,
                max_speed=MAX_SPEED,
                max_pitch_semitones=MAX_PITCH_SEMITONES,
            ),
        )

    def open(self) -> None:
        open_library()

    def close(self) -> None:
        """Does nothing: the library's state belongs to the process, and its few megabytes are kept."""

    def synthesize(self, request: Speech) -> Iterator[AudioChunk]:
        """See `TtsEngine.synthesize`. Speed is 0.46 to 4, pitch -9 to +9 semitones."""
        check_reach(self.spec, request)
        voice = find_voice(self._voices, request.voice)
        library = open_library()
        script = Script(
            readable(request.tokens, voice.voice.language),
            tune=functools.partial(tune, request.speed, request.pitch_semitones),
            spell=lambda ipa: spell(ipa, self._spelling(voice)),
        )

        def produce(push: Callable[[Block], bool]) -> None:
            library.speak(
                script.spoken, voice.identifier, script.tuning, end_pause=request.goes_on, on_block=push
            )

        with contextlib.closing(pull(produce)) as blocks:
            yield from assemble(blocks, script, library.sample_rate)

    def _spelling(self, voice: EspeakVoice) -> Spelling:
        """Returns the voice's phonemes by IPA; finds them once for each voice, which takes about 10 ms."""
        if voice.identifier not in self._spellings:
            known = phonemes_of_voice(DATA, voice.identifier, voice.voice.language.lower())
            self._spellings[voice.identifier] = probe(known, functools.partial(_events, voice))
        return self._spellings[voice.identifier]

    @functools.cached_property
    def _voices(self) -> dict[str, EspeakVoice]:
        library: EspeakLibrary = open_library()
        return build_voices(library.voices())


def _events(voice: EspeakVoice, text: str) -> list[Event]:
    events: list[Event] = []

    def collect(block: Block) -> bool:
        events.extend(block.events)
        return True

    open_library().speak(text, voice.identifier, Tuning(), end_pause=False, on_block=collect)
    return events
