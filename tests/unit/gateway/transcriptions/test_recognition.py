import pytest

from services.chassis.engine_api.spec import EngineSpec
from services.gateway.http.errors import ApiError
from services.gateway.transcriptions.recognition import check_heard

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
