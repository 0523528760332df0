"""Speaks sentences part by part: each sentence has one melody, and its first part is soon heard."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from services.tts.engines.kokoro.voice_model import FRAME, MAX_SIGNS, RATE, KokoroModel, Prosody, Timbre
from services.tts.engines.neural.alphabet import PAUSES, SPACE, is_sound
from services.tts.engines.neural.assembly import Sound
from services.tts.engines.neural.manner import Shade, shade
from services.tts.engines.neural.marks import Mark, clauses
from services.tts.engines.protocol import Speech
from services.tts.script.sentences import sentences

FIRST_SECONDS, GROWTH, MAX_SECONDS = 1.1, 1.4, 6.0
"""Seconds of the first part, and by what factor the next may be longer: it is made while that is heard.
Memory grows with the longest."""
_LEAST_SHARE = 0.4
"""Share of its time that a part has at least where it ends at a pause."""

_CLOSED = frozenset("ptkqʦʧʨ")
"""Sounds that begin with silence."""

MarksOf = Callable[[range], Sequence[Mark]]
"""Returns the marks of some of the tokens."""


class Recital:
    """The parts of a request, and the sound of the part that was last taken."""

    def __init__(self, model: KokoroModel, timbre: Timbre, request: Speech, marks_of: MarksOf) -> None:
        self._model = model
        self._timbre = timbre
        self._request = request
        self._marks_of = marks_of
        self._prosody: Prosody | None = None
        self._part = range(0)

    def parts(self) -> Iterator[Sequence[Mark]]:
        """Yields the marks of each part."""
        seconds = FIRST_SECONDS
        for marks in self._pieces():
            shades = [shade(self._request, self._request.tokens[mark.token].manner) for mark in marks]
            prosody = self._model.prosody(self._timbre, [mark.sign for mark in marks], shades)
            self._prosody = prosody
            begins = [float(end) * FRAME / RATE for end in (prosody.lead, *prosody.ends)]
            start = 0
            while start < len(marks):
                self._part = range(start, part_end(marks, begins, start, seconds))
                yield marks[self._part.start : self._part.stop]
                start = self._part.stop
                seconds = min(seconds * GROWTH, MAX_SECONDS)

    def speak(self, _signs: Sequence[str], _shades: Sequence[Shade]) -> Sound:
        """Returns the sound of the part that was last taken."""
        assert self._prosody is not None
        return self._model.sound(self._prosody, self._part)

    def _pieces(self) -> Iterable[Sequence[Mark]]:
        for sentence in sentences(self._request.tokens):
            marks = self._marks_of(sentence)
            if marks:
                yield from clauses(marks, MAX_SIGNS)


def part_end(marks: Sequence[Mark], begins: Sequence[float], start: int, seconds: float) -> int:
    """Returns the index after the last mark of the part that begins at `start` and lasts about `seconds`.

    `begins` are the seconds at which the marks begin, and the end of the last. A part ends behind a pause,
    else before a word that begins with silence, else before any word. A rest that is little longer is left
    whole. A word is cut only if it lasts longer than `MAX_SECONDS`.
    """
    latest = begins[start] + seconds
    if begins[-1] <= latest + _LEAST_SHARE * seconds:
        return len(marks)
    earliest = begins[start] + _LEAST_SHARE * seconds
    spaces = [i for i in range(start + 1, len(marks)) if _parts_words(marks[i - 1 : i + 2])]
    inside = [i for i in spaces if begins[i] <= latest]
    pauses = [i for i in inside if marks[i - 1].sign in PAUSES and begins[i] >= earliest]
    closed = [i for i in inside if begins[i] >= earliest and _begins_closed(marks[i + 1 :])]
    found = pauses or closed or inside
    if found:
        return found[-1]
    limit = next(
        (i for i in range(start + 1, len(marks)) if begins[i + 1] > begins[start] + MAX_SECONDS), None
    )
    return min([*spaces[:1], limit or len(marks)])


def _parts_words(marks: Sequence[Mark]) -> bool:
    """Tells whether the second of three marks is a space between two tokens: one may be several words."""
    return len(marks) == 3 and marks[1].sign == SPACE and marks[0].token != marks[2].token


def _begins_closed(marks: Sequence[Mark]) -> bool:
    """Tells whether the first sound is silent at first: a cut before it is not heard."""
    return next((mark.sign in _CLOSED for mark in marks if is_sound(mark.sign)), False)
