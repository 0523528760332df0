"""Tells which voices of the library have a dictionary: the wheel lists some that it cannot speak."""

from pathlib import Path


def has_dictionary(data: Path, identifier: str, language: str) -> bool:
    """Returns whether the dictionary of a voice exists.

    `data` is the espeak-ng-data folder, `identifier` the voice's file in its `lang`.
    """
    voice = data / "lang" / identifier
    lines = voice.read_text(encoding="utf-8", errors="replace").splitlines() if voice.is_file() else []
    named = [line.split()[1] for line in lines if line.startswith("dictionary ")]
    name = named[0] if named else language.partition("-")[0]
    return (data / f"{name}_dict").is_file()
