"""Scripts of the lips' videos: Harvard sentences, and "The North Wind and the Sun" in other languages."""

from dataclasses import dataclass

from benchmarks.media.sentences import HARVARD

ENGLISH_CLIPS = 8
# The text with which the International Phonetic Association shows the sounds of a language.
_NORTH_WIND = {
    "de": (
        "Einst stritten sich Nordwind und Sonne, wer von ihnen beiden wohl der Stärkere wäre.",
        "Ein Wanderer, der in einen warmen Mantel gehüllt war, kam des Weges daher.",
        "Je mehr der Nordwind blies, desto fester hüllte sich der Wanderer in seinen Mantel ein.",
        "Schon nach wenigen Augenblicken zog der Wanderer seinen Mantel aus.",
    ),
    "fr-fr": (
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
}


@dataclass(frozen=True, slots=True)
class Clip:
    """A script and the espeak voice that speaks it."""

    voice: str
    script: str

    @property
    def language(self) -> str:
        """The primary language tag of the voice."""
        return self.voice.partition("-")[0]


def build_clips() -> tuple[Clip, ...]:
    """Returns 24 clips in five languages: pairs of Harvard sentences by two English voices, and the fable."""
    pairs = [" ".join(HARVARD[2 * number : 2 * number + 2]) for number in range(ENGLISH_CLIPS)]
    english = [Clip("en-us" if number % 2 == 0 else "en-gb", pair) for number, pair in enumerate(pairs)]
    others = [Clip(voice, script) for voice, scripts in _NORTH_WIND.items() for script in scripts]
    return (*english, *others)
