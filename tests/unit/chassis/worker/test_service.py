import pytest

from services.chassis.errors import EngineCrashed, EngineUnavailable, LikenessError
from services.chassis.models.cache import ModelMissing
from services.chassis.worker.service import is_expected


@pytest.mark.parametrize(
    ("error", "optional", "expected"),
    [
        (EngineUnavailable("It needs the Python module x."), True, True),
        (ModelMissing("Run: likeness models pull x"), True, True),
        (EngineUnavailable("It needs the Python module x."), False, False),
        (LikenessError("It failed: ImportError: libx.so"), True, False),
        (EngineCrashed("It crashed."), True, False),
    ],
)
def test_only_an_optional_engine_may_lack_something(
    error: LikenessError, optional: bool, expected: bool
) -> None:
    assert is_expected(error, optional=optional) is expected
