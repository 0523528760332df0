"""Lists the voices of Kokoro."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.chassis.engine_api.spec import Voice


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the model. `espeak` is the voice file of espeak-ng by which its phonemes are written.

    `spoken` has the IPA of signs that stand for another sound in this language than in others.
    """

    tag: str
    name: str
    accent: str = ""
    espeak: str = ""
    spoken: Mapping[str, str] = field(default_factory=dict[str, str])


LANGUAGES: Mapping[str, Language] = {
    "a": Language("en-US", "English", "American"),
    "b": Language("en-GB", "English", "British"),
    "e": Language("es-ES", "Spanish", espeak="roa/es"),
    "f": Language("fr-FR", "French", espeak="roa/fr"),
    "h": Language("hi-IN", "Hindi", espeak="inc/hi"),
    "i": Language("it-IT", "Italian", espeak="roa/it"),
    "j": Language("ja-JP", "Japanese"),
    "p": Language("pt-BR", "Portuguese", "Brazilian", espeak="roa/pt-BR", spoken={"y": "ɪ", "æ": "ɐ"}),
    "z": Language("zh-CN", "Mandarin"),
}
"""Languages by the first letter of a voice's name."""
_GENDERS = {"f": "female", "m": "male"}
GAINS: Mapping[str, float] = {
    "af_heart": 1.4, "af_bella": 0.0, "af_alloy": -0.3, "af_aoede": -4.3, "af_jessica": 0.1,
    "af_kore": -3.6, "af_nicole": -0.1, "af_nova": 4.7, "af_river": -0.5, "af_sarah": -0.4, "af_sky": 2.0,
    "am_michael": 2.8, "am_adam": -2.7, "am_echo": -0.4, "am_eric": 0.0, "am_fenrir": -2.5, "am_liam": 0.5,
    "am_onyx": -0.1, "am_puck": -3.5, "am_santa": 1.5,
    "bf_emma": -1.3, "bf_alice": -1.1, "bf_isabella": -4.1, "bf_lily": -0.7, "bm_george": -0.4,
    "bm_daniel": 0.1, "bm_fable": 0.5, "bm_lewis": 1.4,
    "ef_dora": 1.2, "em_alex": 1.0, "em_santa": 1.1,
    "ff_siwis": -1.3,
    "hf_alpha": -6.7, "hf_beta": -5.1, "hm_omega": -6.1, "hm_psi": -5.1,
    "if_sara": -7.8, "im_nicola": -2.2,
    "jf_alpha": -2.0, "jf_gongitsune": -1.6, "jf_nezumi": -1.4, "jf_tebukuro": -1.9, "jm_kumo": -4.2,
    "pf_dora": -1.2, "pm_alex": 1.5, "pm_santa": 1.6,
    "zf_xiaoxiao": -4.0, "zf_xiaobei": 0.3, "zf_xiaoni": -2.5, "zf_xiaoyi": -1.7, "zm_yunxi": 0.1,
    "zm_yunjian": -0.6, "zm_yunxia": -0.6, "zm_yunyang": 1.9,
}  # fmt: skip
"""Decibels by which each voice is changed, so that all are about as loud and none is clipped, as measured on
a sentence of each. The first voice of a language is the one that is taken where none is named."""


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


VOICES: Mapping[str, Voice] = {name: _voice(name) for name in GAINS}
"""All voices by id, whose file in the model's folder has the same name."""
