"""Tests that modules are hidden in a block, and no longer."""

import importlib
import json
import sys

import pytest

from services.chassis.imports import hidden


def test_hidden_modules_seem_not_to_be_installed() -> None:
    with pytest.raises(ModuleNotFoundError), hidden("json", "colorsys"):
        importlib.import_module("json")
    assert sys.modules["json"] is json
    assert importlib.import_module("colorsys").__name__ == "colorsys"


def test_modules_that_were_not_imported_are_not_afterwards() -> None:
    sys.modules.pop("colorsys", None)
    with hidden("colorsys"):
        assert importlib.import_module("json") is json
    assert "colorsys" not in sys.modules
