"""The ctypes binding of libespeak-ng: text in, blocks of samples and events out.

Source of the layouts and flags: `speak_lib.h` of espeak-ng 1.52, API revision 12.
"""

import ctypes
import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from services.chassis.errors import EngineUnavailable
from services.tts.engines.espeak.tuning import Tuning

_SYNCHRONOUS = 2
_PHONEME_EVENTS, _PHONEME_IPA, _DONT_EXIT = 0x0001, 0x0002, 0x8000
_CHARS_UTF8, _SSML = 0x01, 0x10
_POS_CHARACTER = 1
_OK = 0


class EventKind(IntEnum):
    WORD = 1
    SENTENCE = 2
    END = 5
    PHONEME = 7


_KNOWN_EVENTS = frozenset(kind.value for kind in EventKind)


class _Parameter(IntEnum):
    RATE = 1
    PITCH = 3
    RANGE = 4


@dataclass(frozen=True, slots=True)
class Event:
    """`sample` counts from the start of the speech, `position` is a 0-based character of the text."""

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


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_void_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.POINTER(ctypes.c_char)),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("internal", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_SynthCallback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)
_UriCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p)


class EspeakLibrary:
    """The process's one espeak-ng: its state is global, so one speech at a time."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self._lib, self.sample_rate = _load()
        self._on_block: Callable[[Block], bool] = _refuse
        self._failure: Exception | None = None
        # Held for the life of the library, which keeps the bare pointers.
        self._callbacks = (_SynthCallback(self._receive), _UriCallback(_speak_the_alternative))
        self._lib.espeak_SetSynthCallback(self._callbacks[0])
        self._lib.espeak_SetUriCallback(self._callbacks[1])

    def voices(self) -> list[VoiceFile]:
        with self._busy:
            listed = self._lib.espeak_ListVoices(None)
            found: list[VoiceFile] = []
            while listed[len(found)]:
                found.append(_voice_file(listed[len(found)].contents))
            return found

    def speak(
        self, text: str, identifier: str, tuning: Tuning, *, ssml: bool, on_block: Callable[[Block], bool]
    ) -> None:
        """Call `on_block` for each block, in order, until it returns False. Blocks this thread.

        Raises `EngineUnavailable` if the library refuses the voice or the text.
        """
        data = text.encode()
        with self._busy:
            self._on_block, self._failure = on_block, None
            try:
                self._prepare(identifier, tuning)
                flags = _CHARS_UTF8 | (_SSML if ssml else 0)
                done = self._lib.espeak_Synth(data, len(data) + 1, 0, _POS_CHARACTER, 0, flags, None, None)
            finally:
                self._on_block = _refuse
            if self._failure is not None:
                raise self._failure
        if done != _OK:
            raise EngineUnavailable(f"espeak-ng could not speak (code {done}); try again")

    def _prepare(self, identifier: str, tuning: Tuning) -> None:
        if self._lib.espeak_SetVoiceByName(identifier.encode()) != _OK:
            raise EngineUnavailable(
                f"espeak-ng could not load its voice {identifier}; reinstall espeakng-loader"
            )
        for parameter, value in (
            (_Parameter.RATE, tuning.words_per_minute),
            (_Parameter.PITCH, tuning.pitch),
            (_Parameter.RANGE, tuning.pitch_range),
        ):
            self._lib.espeak_SetParameter(parameter, value, 0)

    def _receive(
        self, wave: "ctypes._Pointer[ctypes.c_short]", count: int, events: "ctypes._Pointer[_Event]"
    ) -> int:
        try:
            samples = np.ctypeslib.as_array(wave, (count,)).copy() if count else np.zeros(0, np.int16)
            return 0 if self._on_block(Block(samples, _read_events(events))) else 1
        except Exception as error:  # noqa: BLE001  ctypes would swallow it; `speak` raises it
            self._failure = error
            return 1


@functools.cache
def open_library() -> EspeakLibrary:
    """The process's library; loading it takes milliseconds."""
    return EspeakLibrary()


def _load() -> tuple[ctypes.CDLL, int]:
    import espeakng_loader

    lib = ctypes.CDLL(espeakng_loader.get_library_path())
    lib.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
    data = espeakng_loader.get_data_path().encode()
    rate = lib.espeak_Initialize(_SYNCHRONOUS, 0, data, _PHONEME_EVENTS | _PHONEME_IPA | _DONT_EXIT)
    if rate <= 0:
        raise EngineUnavailable(
            "espeak-ng did not start: reinstall its data with `pip install espeakng-loader`"
        )
    return lib, int(rate)


def _refuse(_: Block) -> bool:
    return False


def _speak_the_alternative(_kind: int, _uri: bytes, _base: bytes) -> int:
    # Without this, an SSML <audio src> makes the library open files of this machine.
    return 1


def _read_events(events: "ctypes._Pointer[_Event]") -> tuple[Event, ...]:
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


def _voice_file(voice: _Voice) -> VoiceFile:
    return VoiceFile(
        voice.identifier.decode(), voice.name.decode().strip(), _tags(voice.languages), voice.gender
    )


def _tags(languages: "ctypes._Pointer[ctypes.c_char]") -> tuple[str, ...]:
    """The list is a row of (priority byte, name, zero byte), ended by a zero priority."""
    tags: list[str] = []
    index = 0
    while languages[index] != b"\0":
        address = ctypes.addressof(languages.contents) + index + 1
        tag = ctypes.string_at(address)
        tags.append(tag.decode())
        index += len(tag) + 2
    return tuple(tags)
