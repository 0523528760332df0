from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import pytest

from services.chassis.engine_api.spec import EngineSpec
from services.gateway.engines.catalogue import Catalogue
from services.gateway.http.errors import ApiError
from services.gateway.speech.admission import MAX_TRANSCRIPTIONS, SpeechSlots
from services.gateway.transcriptions.recognition import TranscriptionRequest, check_heard, transcribe

ENGLISH = EngineSpec("voice", "whisper", "1", languages=("en",), operations=("transcribe",))
ANY = EngineSpec("voice", "any", "1", operations=("transcribe",))


@pytest.mark.parametrize(
    ("engine", "language"),
    [(ENGLISH, ""), (ENGLISH, "en"), (ENGLISH, "EN_gb"), (ENGLISH, "en-US"), (ANY, "de")],
)
def test_a_language_that_the_engine_hears_is_taken(engine: EngineSpec, language: str):
    check_heard(engine, language, "language")


@pytest.mark.parametrize("language", ["de", "english", "eng", "e n"])
def test_another_is_refused_with_what_brings_it(language: str):
    with pytest.raises(ApiError, match=r"hears en, not .* operation transcribe") as refused:
        check_heard(ENGLISH, language, "language")
    assert (refused.value.code, refused.value.param) == ("language_unknown", "language")


async def test_more_transcriptions_of_a_workspace_than_can_end_in_time_are_refused():
    catalogue = Catalogue()
    catalogue.learn([ENGLISH])
    slots = SpeechSlots(48, MAX_TRANSCRIPTIONS, "transcriptions")
    components: Any = SimpleNamespace(catalogue=catalogue, transcription_slots=slots)
    recording: Any = None
    with ExitStack() as stack:
        for _ in range(MAX_TRANSCRIPTIONS):
            stack.enter_context(slots.taken("ours"))
        with pytest.raises(ApiError, match="limit of 2 transcriptions under way") as refused:
            await transcribe(components, "ours", TranscriptionRequest(recording))
    assert (refused.value.status, refused.value.code) == (429, "concurrency_limit_reached")
