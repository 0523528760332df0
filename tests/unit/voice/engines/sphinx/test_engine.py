import os
import sys
from pathlib import Path

import pytest

from services.chassis.models.cache import CACHE_VARIABLE
from services.chassis.models.catalogue import find_model
from services.voice.engines.sphinx.engine import SphinxEngine
from services.voice.engines.whisper_model import MODEL, MODULE


@pytest.mark.parametrize(
    ("code", "with_model", "version"),
    [
        ("", True, f"2+{MODEL}"),
        ("", False, "2"),
        ("import no_such_module", True, "2"),
        ("raise ImportError('libctranslate2.so: cannot open shared object file')", True, "2"),
        ("raise RuntimeError('the array module has another version')", True, "2"),
    ],
)
def test_the_version_tells_of_whisper_only_where_it_can_be_loaded(
    code: str, with_model: bool, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{MODULE}.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)  # pyright: ignore[reportUnknownMemberType] - pytest leaves it open
    monkeypatch.setitem(sys.modules, MODULE, sys)  # so that what is imported here is removed at the end
    del sys.modules[MODULE]
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "models"))
    for file in find_model(MODEL).files if with_model else ():
        path = tmp_path / "models" / MODEL / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.truncate(path, file.bytes)
    engine = SphinxEngine()
    engine.open()
    assert engine.spec.version == version
