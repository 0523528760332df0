"""Refuses scripts that no voice can say, before any of them is synthesized for a listener."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import InvalidArgument
from services.chassis.text.writing_systems import has_letters_of
from services.tts.engines.protocol import Speech
from services.tts.normalization.normalize import normalize
from services.tts.piece_run import PieceRun
from services.tts.script.spans import Ipa, Respelled, Span, Text
from services.tts.script.tokens import Token
from services.tts.split_script import split_script
from services.tts.voice_selection import VoiceSelection

_AUDIBLE_PEAK = 330
"""Smallest peak of 16-bit samples that is heard, 1% of full scale: softer speech is mastered as silence."""
_AUDIBLE_DB = -20.0
"""Volume of a text down to which every voice is heard."""
_MAX_HEARD = 500
"""Pieces of which it is remembered whether they are heard: a script is checked before a job is accepted, and
again when it is spoken."""
_heard: dict[tuple[str, Speech], bool] = {}
_TRIED_TOKENS, _TRIED_CHARACTERS = 4, 16
"""Beginning of a piece that is tried first: a whole one of signs may take a minute."""


def is_audible(samples: NDArray[np.int16]) -> bool:
    return int(np.abs(samples.astype(np.int32)).max(initial=0)) >= _AUDIBLE_PEAK


def no_sound() -> InvalidArgument:
    return InvalidArgument(
        "Nothing in the script is heard in this voice: give some words to speak, "
        "or choose a voice of their language."
    )


@dataclass(frozen=True, slots=True)
class SoundCheck:
    """Checks the spans of one script. `template` has the speed and pitch of the whole script.

    Only an engine knows what it says of signs and of letters of other languages, and which phonemes its
    voices have. It is asked for those alone: most scripts have words, which every voice of their language
    says.
    """

    engine: EnginePool
    selection: VoiceSelection
    template: Speech

    async def check(self, spans: tuple[Span, ...]) -> None:
        """Raises `InvalidArgument` if the script is not heard, or as `check_phonemes` does."""
        heard = await self.check_phonemes(spans)
        if not heard and not self._has_words(spans) and not await self._is_heard(spans):
            raise no_sound()

    async def check_phonemes(self, spans: tuple[Span, ...]) -> bool:
        """Returns whether a text that is given in phonemes is heard; False if there is none.

        Raises the engine's `InvalidArgument` for a phoneme that the voice cannot say.
        """
        given = dict.fromkeys(
            each for each in spans if isinstance(each, Text) and isinstance(each.reading, Ipa)
        )
        heard = False
        for piece in self._pieces(given):
            heard = await self._sounds(piece) or heard
        return heard

    def _has_words(self, spans: tuple[Span, ...]) -> bool:
        return any(isinstance(span, Text) and self._is_word(span) for span in spans)

    def _is_word(self, text: Text) -> bool:
        if isinstance(text.reading, Ipa) or text.manner.volume_db < _AUDIBLE_DB:
            return False
        spoken = text.reading.spoken if isinstance(text.reading, Respelled) else text.text
        return has_letters_of(self.selection.language_of(text.manner.voice), spoken)

    async def _is_heard(self, spans: Iterable[Span]) -> bool:
        for piece in self._pieces(spans):
            if any(self._is_spelt(token, piece) for token in piece.tokens):
                return True
            first = _beginning(piece)
            if await self._sounds(first) or (first != piece and await self._sounds(piece)):
                return True
        return False

    def _is_spelt(self, token: Token, piece: Speech) -> bool:
        """Returns whether a number or a sign has got words."""
        if token.ipa or token.manner.volume_db < _AUDIBLE_DB:
            return False
        return has_letters_of(self.selection.language_of(piece.voice), token.spoken)

    def _pieces(self, spans: Iterable[Span]) -> Iterator[Speech]:
        tokens = normalize(spans, self.selection.language_of)
        for piece in split_script(tokens, self.template, self.selection.voice_of):
            if isinstance(piece, Speech):
                yield piece

    async def _sounds(self, piece: Speech) -> bool:
        known = _heard.get((self.engine.name, piece))
        if known is None:
            known = await self._listen(piece)
            _heard[self.engine.name, piece] = known
            if len(_heard) > _MAX_HEARD:
                del _heard[next(iter(_heard))]
        return known

    async def _listen(self, piece: Speech) -> bool:
        run, heard = PieceRun(self.engine, piece), False
        try:
            async for chunk in run.chunks():
                heard = heard or is_audible(chunk.samples)
        finally:
            run.leave()
        return heard


def _beginning(piece: Speech) -> Speech:
    return replace(
        piece,
        tokens=tuple(
            replace(token, spoken=token.spoken[:_TRIED_CHARACTERS], tail=token.tail[:_TRIED_CHARACTERS])
            for token in piece.tokens[:_TRIED_TOKENS]
        ),
    )
