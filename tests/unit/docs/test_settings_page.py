"""Tests that docs/reference/settings.md lists the settings of every service with their defaults."""

from importlib import import_module
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from services.chassis.service_list import worker_services
from services.chassis.settings import ServiceSettings, WorkerSettings
from services.gateway.settings import GatewaySettings
from tests.unit.docs.pages import DOCS, rows_of, section

PAGE = (DOCS / "reference/settings.md").read_text()


def settings_of(module: str) -> type[ServiceSettings]:
    """Returns the settings class that the service's module `settings` defines."""
    settings = import_module(f"{module}.settings")
    (found,) = (
        each
        for each in vars(settings).values()
        if isinstance(each, type)
        and issubclass(each, WorkerSettings)
        and each.__module__ == settings.__name__
    )
    return found


CLASSES: dict[str, type[ServiceSettings]] = {
    "Every service": ServiceSettings,
    "Every worker": WorkerSettings,
    "gateway": GatewaySettings,
    **{entry.name: settings_of(entry.module) for entry in worker_services().values()},
}


@pytest.mark.parametrize("heading", CLASSES)
def test_the_section_lists_the_fields_of_the_class_with_their_defaults(heading: str):
    listed = {cells[0]: cells[1] for cells in rows_of(section(PAGE, heading))}
    assert listed == {
        f"`LIKENESS_{name.upper()}`": shown(field) for name, field in own_fields(CLASSES[heading]).items()
    }


def test_every_setting_has_a_meaning():
    assert all(cells[2] for heading in CLASSES for cells in rows_of(section(PAGE, heading)))


def own_fields(settings: type[ServiceSettings]) -> dict[str, FieldInfo]:
    """Returns the fields that the class adds to those of its bases."""
    inherited = {name for base in settings.__mro__[1:] for name in getattr(base, "model_fields", {})}
    return {name: field for name, field in settings.model_fields.items() if name not in inherited}


def shown(field: FieldInfo) -> str:
    """Returns the default as the page writes it."""
    if field.is_required():
        return "required"
    value: Any = field.get_default(call_default_factory=True)
    if value is None or value == "" or value == {}:
        return "none"
    return f"`{int(value) if isinstance(value, float) and value.is_integer() else value}`"
