"""Reads the phonemes of a voice from the library's own data.

Source: `phontab` as `LoadPhData` of espeak-ng 1.52 reads it.
"""

from pathlib import Path
from struct import Struct

from services.tts.engines.espeak.phonemes import Mnemonic

_HEADER_BYTES = 4
_TABLE = Struct("<BBxx32s")  # number of phonemes, number of the base table (from 1), name
_PHONEME = Struct("<4s6xBB4x")  # name, code, kind
_PAUSE, _STRESS, _VOWEL = 0, 1, 2
_FALLBACK = "en"
# Commands, marks and unfinished phonemes of a language's own rules have such names.
_UNFIT = frozenset("#,%'=_|:;-\x01")


def phonemes_of_voice(data: Path, identifier: str, language: str) -> list[Mnemonic]:
    """Returns the phonemes of a voice.

    `data` is the espeak-ng-data folder, `identifier` the voice's file in its `lang`.
    """
    tables = _read_tables((data / "phontab").read_bytes())
    voice = data / "lang" / identifier
    lines = voice.read_text(encoding="utf-8", errors="replace").splitlines() if voice.is_file() else []
    named = [line.split()[1] for line in lines if line.startswith("phonemes ")]
    wanted = (*named, language, language.partition("-")[0], _FALLBACK)
    return _fit(next(table for name in wanted if (table := tables.get(name))))


def _fit(table: dict[int, tuple[bytes, int]]) -> list[Mnemonic]:
    names = ((name.rstrip(b"\0").decode(errors="ignore"), kind) for name, kind in table.values())
    return [
        Mnemonic(name, kind == _VOWEL)
        for name, kind in names
        if kind not in (_PAUSE, _STRESS) and name.isascii() and name[:1] and name[0] not in _UNFIT
    ]


def _read_tables(data: bytes) -> dict[str, dict[int, tuple[bytes, int]]]:
    """Returns the phonemes of each table: name and kind by code, with those of its base table."""
    tables: list[dict[int, tuple[bytes, int]]] = []
    names: list[str] = []
    offset = _HEADER_BYTES
    for _ in range(data[0]):
        count, base, name = _TABLE.unpack_from(data, offset)
        offset += _TABLE.size
        table: dict[int, tuple[bytes, int]] = dict(tables[int(base) - 1]) if base else {}
        for _ in range(count):
            phoneme, code, kind = _PHONEME.unpack_from(data, offset)
            table[code] = phoneme, kind
            offset += _PHONEME.size
        tables.append(table)
        names.append(name.split(b"\0")[0].decode())
    return dict(zip(names, tables, strict=True))
