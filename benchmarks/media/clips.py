"""Scripts of the lips' videos: Harvard sentences, and "The North Wind and the Sun" in other languages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.media.sentences import HARVARD
from services.tts.engines.kokoro.voices import VOICES as KOKORO_VOICES

ESPEAK_ENGLISH_CLIPS = 8
NEURAL_CLIPS = 3
"""Number of clips in each language of a neural voice."""
# The text with which the International Phonetic Association shows the sounds of a language.
_NORTH_WIND: Mapping[str, Sequence[str]] = {
    "de": (
        "Einst stritten sich Nordwind und Sonne, wer von ihnen beiden wohl der Stärkere wäre.",
        "Ein Wanderer, der in einen warmen Mantel gehüllt war, kam des Weges daher.",
        "Je mehr der Nordwind blies, desto fester hüllte sich der Wanderer in seinen Mantel ein.",
        "Schon nach wenigen Augenblicken zog der Wanderer seinen Mantel aus.",
    ),
    "fr": (
        "La bise et le soleil se disputaient, chacun assurant qu'il était le plus fort.",
        "Ils ont vu un voyageur qui s'avançait, enveloppé dans son manteau.",
        "Plus elle soufflait, plus le voyageur serrait son manteau autour de lui.",
        "Au bout d'un moment, le voyageur réchauffé a ôté son manteau.",
    ),
    "es": (
        "El viento norte y el sol porfiaban sobre cuál de ellos era el más fuerte.",
        "Acertó a pasar un viajero envuelto en ancha capa.",
        "Cuanto más soplaba, más se arrebujaba el viajero en su capa.",
        "Al momento, el viajero se despojó de su capa porque brillaba el sol.",
    ),
    "it": (
        "Si bisticciavano un giorno il vento di tramontana e il sole, l'uno pretendendo d'essere più forte.",
        "Videro un viaggiatore che veniva innanzi avvolto nel mantello.",
        "Più soffiava, più il viaggiatore si stringeva nel mantello.",
        "Il viaggiatore, che sentiva caldo, si tolse il mantello subito dopo.",
    ),
    "hi": (
        "उत्तरी हवा और सूरज इस बात पर झगड़ रहे थे कि हम दोनों में ज़्यादा बलवान कौन है।",
        "इतने में गरम चोगा पहने एक मुसाफ़िर उधर आ निकला।",
        "हवा पूरे ज़ोर से बहने लगी, पर मुसाफ़िर अपना चोगा और भी कसकर लपेटता गया।",
    ),
    "ja": (
        "まず北風が強く吹き始めました。しかし、吹けば吹くほど、旅人はマントにくるまりました。",
        "ついに北風は、旅人からマントを脱がせるのをあきらめました。",
        "太陽が暖かい光を浴びせると、旅人はすぐにマントを脱ぎました。",
    ),
    "pt": (
        "O vento norte e o sol discutiam qual dos dois era o mais forte.",
        "Nesse momento passou um viajante bem embrulhado numa capa.",
        "Quanto mais o vento soprava, mais o viajante apertava a capa sobre o peito.",
    ),
    "zh": (
        "有一回，北风跟太阳在那儿争论谁的本领大。",
        "他们看见一个过路的，身上穿着一件厚袍子，慢慢地走过来。",
        "北风拼命地刮，可是他刮得越猛，那个人就把袍子裹得越紧。",
    ),
}
_ESPEAK_FABLES = {"de": "de", "fr-fr": "fr", "es": "es", "it": "it"}
"""Languages of the fable by espeak's voice."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A script, and the engine, voice and language (a tag) in which it is spoken."""

    engine: str
    voice: str
    language: str
    script: str

    @property
    def is_english(self) -> bool:
        return _primary(self.language) == "en"


def build_clips(engines: Iterable[str]) -> tuple[Clip, ...]:
    """Returns the clips of these engines, in that order.

    espeak has 24 in five languages. hibari has `NEURAL_CLIPS` in English, kokoro has as many in each of its
    languages, with the first voice.
    """
    clips = {"espeak": _espeak_clips, "hibari": _hibari_clips, "kokoro": _kokoro_clips}
    return tuple(clip for engine in engines for clip in clips[engine]())


def _espeak_clips() -> Iterator[Clip]:
    for number, script in enumerate(_english()[:ESPEAK_ENGLISH_CLIPS]):
        yield Clip("espeak", ("en-us", "en-gb")[number % 2], "en", script)
    for voice, language in _ESPEAK_FABLES.items():
        yield from (Clip("espeak", voice, language, script) for script in _NORTH_WIND[language])


def _hibari_clips() -> Iterator[Clip]:
    return _neural_clips("hibari", "heart", "en-US")


def _kokoro_clips() -> Iterator[Clip]:
    first: dict[str, str] = {}
    for voice in KOKORO_VOICES.values():
        first.setdefault(voice.language, voice.id)
    for language, voice in first.items():
        yield from _neural_clips("kokoro", voice, language)


def _neural_clips(engine: str, voice: str, language: str) -> Iterator[Clip]:
    scripts = _NORTH_WIND.get(_primary(language)) or _english()
    return (Clip(engine, voice, language, script) for script in scripts[:NEURAL_CLIPS])


def _english() -> Sequence[str]:
    """Returns pairs of Harvard sentences."""
    return [" ".join(HARVARD[at : at + 2]) for at in range(0, len(HARVARD), 2)]


def _primary(tag: str) -> str:
    return tag.partition("-")[0]
