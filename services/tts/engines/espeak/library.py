"""Calls libespeak-ng through ctypes: text in, blocks of samples and events out."""

import _ctypes
import contextlib
import ctypes
import functools
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

from services.chassis.errors import EngineUnavailable
from services.tts.engines.espeak.dictionaries import has_dictionary
from services.tts.engines.espeak.layouts import RawEvent, RawVoice, SynthCallback
from services.tts.engines.espeak.tuning import Tuning

if TYPE_CHECKING:
    # ctypes has no public name for the type of its pointers.
    from ctypes import _Pointer as Pointer  # pyright: ignore[reportPrivateUsage]

_SYNCHRONOUS = 2
_PHONEME_EVENTS, _PHONEME_IPA, _DONT_EXIT = 0x0001, 0x0002, 0x8000
_CHARS_UTF8, _PHONEMES, _END_PAUSE = 0x01, 0x100, 0x1000
_POS_CHARACTER = 1
_IPA = 0x02 | 0x80
_OK = 0
DATA = Path(espeakng_loader.get_data_path())


class EventKind(IntEnum):
    WORD = 1
    SENTENCE = 2
    END = 5
    PHONEME = 7


_KNOWN_EVENTS = frozenset(kind.value for kind in EventKind)


class _Parameter(IntEnum):
    RATE = 1
    VOLUME = 2
    PITCH = 3
    RANGE = 4


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the library.

    `sample` counts from the start of the speech, `position` is a 0-based character of the text.
    """

    kind: EventKind
    sample: int
    position: int
    phoneme: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Mono int16 samples, shape (n,), with the events that fall into them."""

    samples: NDArray[np.int16]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class VoiceFile:
    """A voice as the library lists it: `identifier` is its file, `tags` its languages, best first."""

    identifier: str
    name: str
    tags: tuple[str, ...]
    gender: int


class EspeakLibrary:
    """Loads the library anew for every speech, one at a time.

    The library's state is global and outlives a speech (the flutter of the voice, for example), and the
    same request must give the same samples: only a freshly loaded library does. Loading takes about 4 ms.
    """

    def __init__(self) -> None:
        self._busy = threading.Lock()
        with self._loaded() as (lib, self.sample_rate):
            self._voices = _list_voices(lib)

    def voices(self) -> list[VoiceFile]:
        """Returns the voices that can speak."""
        return list(self._voices)

    def speak(
        self,
        text: str,
        identifier: str,
        tuning: Tuning,
        *,
        end_pause: bool,
        on_block: Callable[[Block], bool],
    ) -> None:
        """Calls `on_block` for each block, in order, until it returns False. Blocks this thread.

        Text between [[ and ]] is read as phoneme names. With `end_pause` the speech ends with the pause that
        its last punctuation mark asks for. Raises `EngineUnavailable` if the library refuses the voice or the
        text, and passes on what `on_block` raises.
        """
        receiver = _Receiver(on_block)
        data = text.encode()
        with self._loaded() as (lib, _):
            lib.espeak_SetSynthCallback(receiver.callback)
            _prepare(lib, identifier, tuning)
            flags = _CHARS_UTF8 | _PHONEMES | (_END_PAUSE if end_pause else 0)
            done = lib.espeak_Synth(data, len(data) + 1, 0, _POS_CHARACTER, 0, flags, None, None)
        if receiver.failure is not None:
            raise receiver.failure
        if done != _OK:
            raise EngineUnavailable(f"espeak-ng could not speak (code {done}); try again")

    def phonemes(self, text: str, identifier: str, tie: str) -> str:
        """Returns the text in IPA, with spaces between words, and `tie` within sounds of several letters."""
        data = ctypes.create_string_buffer(text.encode())
        rest = ctypes.c_void_p(ctypes.addressof(data))
        written: list[str] = []
        with self._loaded() as (lib, _):
            _prepare(lib, identifier, Tuning())
            lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
            while rest.value:
                clause = lib.espeak_TextToPhonemes(ctypes.byref(rest), _CHARS_UTF8, _IPA | ord(tie) << 8)
                written.append((clause or b"").decode(errors="ignore"))
        return " ".join(written)

    @contextlib.contextmanager
    def _loaded(self) -> Generator[tuple[ctypes.CDLL, int]]:
        """Loads the library; gives it and its sample rate, and unloads it at the end."""
        with self._busy:
            lib = ctypes.CDLL(espeakng_loader.get_library_path())
            try:
                yield lib, _initialize(lib)
            finally:
                lib.espeak_Terminate()
                _ctypes.dlclose(lib._handle)


class _Receiver:
    """Turns the library's callback into blocks. `failure` is the exception that `on_block` raised."""

    def __init__(self, on_block: Callable[[Block], bool]) -> None:
        self._on_block = on_block
        self.failure: Exception | None = None
        self.callback = SynthCallback(self._receive)

    def _receive(self, wave: "Pointer[ctypes.c_short]", count: int, events: "Pointer[RawEvent]") -> int:
        try:
            samples = np.ctypeslib.as_array(wave, (count,)).copy() if count else np.zeros(0, np.int16)
            return 0 if self._on_block(Block(samples, _read_events(events))) else 1
        except Exception as error:  # noqa: BLE001  ctypes would swallow it
            self.failure = error
            return 1


@functools.cache
def open_library() -> EspeakLibrary:
    """Returns the library of this process; its voices are listed once."""
    return EspeakLibrary()


def _initialize(lib: ctypes.CDLL) -> int:
    rate = lib.espeak_Initialize(
        _SYNCHRONOUS, 0, str(DATA).encode(), _PHONEME_EVENTS | _PHONEME_IPA | _DONT_EXIT
    )
    if rate <= 0:
        raise EngineUnavailable(
            "espeak-ng did not start: reinstall its data with `pip install espeakng-loader`"
        )
    return int(rate)


def _list_voices(lib: ctypes.CDLL) -> list[VoiceFile]:
    lib.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(RawVoice))
    listed = lib.espeak_ListVoices(None)
    found: list[VoiceFile] = []
    while listed[len(found)]:
        found.append(_voice_file(listed[len(found)].contents))
    return [file for file in found if file.tags and has_dictionary(DATA, file.identifier, file.tags[0])]


def _prepare(lib: ctypes.CDLL, identifier: str, tuning: Tuning) -> None:
    if lib.espeak_SetVoiceByName(identifier.encode()) != _OK:
        raise EngineUnavailable(f"espeak-ng could not load its voice {identifier}; reinstall espeakng-loader")
    for parameter, value in (
        (_Parameter.RATE, tuning.words_per_minute),
        (_Parameter.PITCH, tuning.pitch),
        (_Parameter.RANGE, tuning.pitch_range),
        (_Parameter.VOLUME, tuning.amplitude),
    ):
        lib.espeak_SetParameter(parameter, value, 0)


def _read_events(events: "Pointer[RawEvent]") -> tuple[Event, ...]:
    found: list[Event] = []
    index = 0
    while events[index].type:
        raw = events[index]
        index += 1
        if raw.type in _KNOWN_EVENTS:
            kind = EventKind(raw.type)
            # A name that fills its 8 bytes may be cut inside a character.
            name = raw.id.string.decode(errors="ignore") if kind is EventKind.PHONEME else ""
            found.append(Event(kind, raw.sample, max(0, raw.text_position - 1), name))
    return tuple(found)


def _voice_file(voice: RawVoice) -> VoiceFile:
    return VoiceFile(
        voice.identifier.decode(), voice.name.decode().strip(), _tags(voice.languages), voice.gender
    )


def _tags(languages: "Pointer[ctypes.c_char]") -> tuple[str, ...]:
    """Reads the rows of (priority byte, name, zero byte) that end with a priority of zero."""
    tags: list[str] = []
    index = 0
    while languages[index] != b"\0":
        address = ctypes.addressof(languages.contents) + index + 1
        tag = ctypes.string_at(address)
        tags.append(tag.decode())
        index += len(tag) + 2
    return tuple(tags)
