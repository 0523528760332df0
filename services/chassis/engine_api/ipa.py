"""Parser of espeak's phoneme names: IPA and stress."""

import re
import unicodedata

from services.chassis.engine_api.timeline import Stress

_LENGTH_AND_TIES = str.maketrans("", "", "ːˑ\u0361\u035c\u200d‿")
_TONES = str.maketrans("", "", "˥˦˧˨˩0123456789")
_LANGUAGE_SWITCH = re.compile(r"\([^)]*\)?")
_PLAIN_ASPIRATION = re.compile(r"(?<=[ptkcbdɡqɕʂsʈɖ])h$")


def parse_phoneme(name: str) -> tuple[str, Stress]:
    """Returns a phoneme's IPA without stress, length, tone or ties, and its stress.

    The IPA is empty for a name without a sound of its own: a change of language or a lone modifier (tone,
    palatalisation, syllable break).
    """
    stress = Stress.PRIMARY if "ˈ" in name else Stress.SECONDARY if "ˌ" in name else Stress.NONE
    bare = _LANGUAGE_SWITCH.sub("", name).replace("ˈ", "").replace("ˌ", "")
    bare = bare.translate(_LENGTH_AND_TIES).translate(_TONES)
    bare = "".join(c for c in bare if not unicodedata.category(c).startswith(("P", "Z", "C")))
    if not any(unicodedata.category(c) in ("Ll", "Lo", "Lu") for c in bare):
        return "", Stress.NONE
    return _PLAIN_ASPIRATION.sub("ʰ", bare), stress


def is_pause(name: str) -> bool:
    """Tells whether espeak's name stands for a pause: only the empty name does."""
    return not name
