"""Where models are, and what is said of those that are not."""

from pathlib import Path

import pytest

from services.chassis.errors import InvalidArgument, Reason
from services.chassis.models.cache import CACHE_VARIABLE, ModelMissing, cache_folder, model_folder
from services.chassis.models.catalogue import catalogue, find_model


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({CACHE_VARIABLE: "/models", "XDG_CACHE_HOME": "/caches"}, Path("/models")),
        ({CACHE_VARIABLE: "", "XDG_CACHE_HOME": "/caches"}, Path("/caches/likeness/models")),
        ({}, Path.home() / ".cache/likeness/models"),
    ],
)
def test_the_cache_is_where_the_environment_says(environment: dict[str, str], folder: Path) -> None:
    assert cache_folder(environment) == folder


def test_a_model_that_is_not_here_is_answered_with_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    with pytest.raises(ModelMissing) as missing:
        model_folder("kokoro")
    assert missing.value.message.endswith("likeness models pull kokoro")
    assert missing.value.reason is Reason.ENGINE_UNAVAILABLE


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("kokora", "Did you mean 'kokoro'?"),
        ("zzz", "It has: kokoro, speaker-encoder, whisper-tiny-en."),
    ],
)
def test_an_unknown_model_is_answered_with_known_ones(name: str, hint: str) -> None:
    with pytest.raises(InvalidArgument) as unknown:
        find_model(name)
    assert unknown.value.message.endswith(hint)


@pytest.mark.parametrize("name", catalogue())
def test_a_page_of_the_catalogue_is_whole(name: str) -> None:
    model = catalogue()[name]
    assert model.description and model.licence and model.extra
    assert len({file.path for file in model.files}) == len(model.files)
    for file in model.files:
        assert len(file.sha256) == 64 and file.bytes > 0 and file.parts
        for part in file.parts:
            assert len(part.archive.sha256) == 64 and part.archive.bytes > 0
            assert part.archive.registry in ("pypi", "npm")


def test_kokoro_has_all_of_its_voices() -> None:
    voices = [file for file in find_model("kokoro").files if file.path.startswith("voices/")]
    assert len(voices) == 54
    assert {file.bytes for file in voices} == {510 * 256 * 4}
