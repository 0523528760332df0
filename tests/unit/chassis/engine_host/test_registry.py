"""The engines of a service: built in, installed, and selected by settings."""

from pathlib import Path

import pytest

from services.chassis.engine_api.entry import EngineEntry
from services.chassis.engine_host.registry import EngineRegistry
from services.chassis.errors import EngineUnknown

BUILTIN = (EngineEntry("espeak", "a.b:Espeak"), EngineEntry("xtts", "a.c:Xtts", extra="xtts"))


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installs a distribution with entry points, as pip would."""
    info = tmp_path / "my_engines-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-engines\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[likeness.engines]\n"
        "tts.mine = my_engines.speech:MyEngine [fast]\n"
        "tts.espeak = my_engines.speech:Usurper\n"
        "video.other = my_engines.film:Other\n"
    )
    monkeypatch.syspath_prepend(tmp_path)  # pyright: ignore[reportUnknownMemberType] - pytest leaves it open


def test_the_error_for_an_unknown_engine_names_the_known() -> None:
    with pytest.raises(EngineUnknown, match=r"'festival'.*espeak, xtts"):
        EngineRegistry("tts", BUILTIN).find("festival")


def test_the_install_command_of_a_built_in_engine_is_the_lock() -> None:
    command = EngineRegistry("tts", BUILTIN).find("espeak").install_command
    assert command == "pip install --no-deps --require-hashes -r requirements/base.lock"


def test_the_install_command_of_an_optional_engine_is_a_target_of_make() -> None:
    assert EngineRegistry("tts", BUILTIN).find("xtts").install_command == "make voices"


@pytest.mark.usefixtures("installed")
def test_installed_packages_offer_engines_for_their_service_only() -> None:
    registry = EngineRegistry("tts", BUILTIN)
    assert registry.names == ("espeak", "mine", "xtts")
    mine = registry.find("mine")
    assert mine == EngineEntry("mine", "my_engines.speech:MyEngine", extra="fast", package="my-engines")
    assert mine.install_command == "pip install 'my-engines[fast]'"


@pytest.mark.usefixtures("installed")
def test_a_builtin_engine_cannot_be_replaced() -> None:
    assert EngineRegistry("tts", BUILTIN).find("espeak") == BUILTIN[0]


@pytest.mark.parametrize(
    ("names", "chosen"),
    [("", ["espeak", "xtts"]), ("xtts", ["xtts"]), (" xtts , espeak,", ["xtts", "espeak"])],
)
def test_settings_select_engines(names: str, chosen: list[str]) -> None:
    assert [entry.name for entry in EngineRegistry("tts", BUILTIN).select(names)] == chosen


def test_selecting_an_unknown_engine_is_refused() -> None:
    with pytest.raises(EngineUnknown):
        EngineRegistry("tts", BUILTIN).select("espeak,festival")
