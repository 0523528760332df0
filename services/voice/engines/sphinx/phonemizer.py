"""Converts words to IPA phonemes, by espeak-ng's rules and dictionaries."""

import _ctypes
import ctypes
import functools
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import espeakng_loader

from services.chassis.engine_api.ipa import parse_phoneme
from services.chassis.engine_api.timeline import Stress
from services.chassis.errors import EngineUnavailable

_SYNCHRONOUS, _DONT_EXIT = 2, 0x8000
_UTF8 = 1
_IPA, _SEPARATOR = 0x02, "_"
_OK = 0
# The library also accepts the name of a voice file.
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")
# Languages that the library names otherwise than BCP 47.
_OWN_NAMES = {"zh": "cmn", "no": "nb", "iw": "he", "in": "id", "tl": "fil"}
_PROBE = "a"
"""A word that every language with a dictionary has sounds for."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One IPA phoneme without stress or length marks."""

    ipa: str
    stress: Stress = Stress.NONE


Phonemizer = Callable[[str], tuple[Sound, ...]]
"""Returns the sounds of a word; a number is read out. Empty for what is not spoken at all."""


@contextmanager
def phonemizer(language: str) -> Generator[Phonemizer | None]:
    """Gives the phonemizer of a BCP 47 tag, or of the nearest that is known; `None` if there is none.

    The library is loaded anew each time: its state belongs to the process, and other users of it close it.
    """
    with _library() as lib:
        yield functools.partial(_sounds, lib) if _speaks(lib, language) else None


@functools.cache
def known_languages() -> tuple[str, ...]:
    """Returns the primary subtags of the languages that have a phonemizer."""
    files = (Path(espeakng_loader.get_data_path()) / "lang").rglob("*")
    named = {file.name.lower().partition("-")[0] for file in files if file.is_file()} | _OWN_NAMES.keys()
    with _library() as lib:
        return tuple(sorted(name for name in named if _speaks(lib, name)))


@contextmanager
def _library() -> Generator[ctypes.CDLL]:
    """Loads the library; unloads it at the end. Raises `EngineUnavailable`."""
    lib = ctypes.CDLL(espeakng_loader.get_library_path())
    lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
    lib.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
    try:
        if lib.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), _DONT_EXIT) <= 0:
            raise EngineUnavailable(
                "espeak-ng did not start: reinstall its data with `pip install espeakng-loader`"
            )
        yield lib
    finally:
        lib.espeak_Terminate()
        _ctypes.dlclose(lib._handle)


def _speaks(lib: ctypes.CDLL, language: str) -> bool:
    """Chooses the language, and tells whether it has sounds: some are without their dictionary."""
    tag = language.lower().replace("_", "-")
    primary = tag.partition("-")[0]
    names = (tag, primary, _OWN_NAMES.get(primary, primary))
    return _TAG.fullmatch(tag) is not None and any(
        lib.espeak_SetVoiceByName(name.encode()) == _OK and _sounds(lib, _PROBE) for name in names
    )


def _sounds(lib: ctypes.CDLL, word: str) -> tuple[Sound, ...]:
    text = ctypes.c_char_p(word.replace("\0", " ").encode())
    named: list[str] = []
    while text.value is not None:
        said = lib.espeak_TextToPhonemes(ctypes.byref(text), _UTF8, _IPA | ord(_SEPARATOR) << 8)
        named += said.decode(errors="ignore").replace(" ", _SEPARATOR).split(_SEPARATOR)
    parsed = (Sound(*parse_phoneme(name)) for name in named)
    return tuple(sound for sound in parsed if sound.ipa)
