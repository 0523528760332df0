"""Lists the voices of Kokoro."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis.engine_api.spec import Voice


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the model. `espeak` is the voice file of espeak-ng by which its phonemes are written."""

    tag: str
    name: str
    accent: str = ""
    espeak: str = ""


LANGUAGES: Mapping[str, Language] = {
    "a": Language("en-US", "English", "American"),
    "b": Language("en-GB", "English", "British"),
    "e": Language("es-ES", "Spanish", espeak="roa/es"),
    "f": Language("fr-FR", "French", espeak="roa/fr"),
    "h": Language("hi-IN", "Hindi", espeak="inc/hi"),
    "i": Language("it-IT", "Italian", espeak="roa/it"),
    "j": Language("ja-JP", "Japanese"),
    "p": Language("pt-BR", "Portuguese", "Brazilian", espeak="roa/pt-BR"),
    "z": Language("zh-CN", "Mandarin"),
}
"""Languages by the first letter of a voice's name."""
_GENDERS = {"f": "female", "m": "male"}
_NAMES = (
    *("af_heart", "af_bella", "af_alloy", "af_aoede", "af_jessica", "af_kore", "af_nicole", "af_nova"),
    *("af_river", "af_sarah", "af_sky", "am_michael", "am_adam", "am_echo", "am_eric", "am_fenrir"),
    *("am_liam", "am_onyx", "am_puck", "am_santa"),
    *("bf_emma", "bf_alice", "bf_isabella", "bf_lily", "bm_george", "bm_daniel", "bm_fable", "bm_lewis"),
    *("ef_dora", "em_alex", "em_santa", "ff_siwis", "hf_alpha", "hf_beta", "hm_omega", "hm_psi"),
    *("if_sara", "im_nicola", "jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo"),
    *("pf_dora", "pm_alex", "pm_santa", "zf_xiaoxiao", "zf_xiaobei", "zf_xiaoni", "zf_xiaoyi"),
    *("zm_yunxi", "zm_yunjian", "zm_yunxia", "zm_yunyang"),
)
"""Names of all voices; the first of a language is the one that is taken where none is named."""


def _voice(name: str) -> Voice:
    language, gender = LANGUAGES[name[0]], _GENDERS[name[1]]
    return Voice(
        id=name,
        name=name.partition("_")[2].title(),
        language=language.tag,
        gender=gender,
        accent=language.accent,
        description=f"A {gender} voice for {' '.join(filter(None, (language.accent, language.name)))}.",
    )


VOICES: Mapping[str, Voice] = {name: _voice(name) for name in _NAMES}
"""All voices by id, whose file in the model's folder has the same name."""
