import gc

import pytest

from services.chassis.observability.gc_tuning import collections_paused


def test_collections_go_on_after_the_imports_even_if_one_fails() -> None:
    with pytest.raises(ModuleNotFoundError), collections_paused():
        assert not gc.isenabled()
        raise ModuleNotFoundError

    assert gc.isenabled()
