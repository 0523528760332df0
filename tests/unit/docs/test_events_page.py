"""Tests that docs/reference/events.md lists the types of events, and their models, that there are."""

from services.gateway.jobs.views.event_objects import event_models
from services.gateway.videos.responses import VideoObject
from tests.unit.docs.pages import DOCS, rows_of, section

PAGE = DOCS / "reference/events.md"


def test_the_page_has_every_type_with_its_model_and_no_other():
    listed = {
        cells[0].strip("`").replace("<kind>", "video"): cells[2].strip("`").replace("<Kind>", "Video")
        for cells in rows_of(section(PAGE.read_text(), "Types"))
    }
    models = event_models("video", VideoObject)
    assert listed == {event_type: model.__name__ for event_type, model in models.items()}


def test_the_page_has_every_field_and_no_other():
    listed = {
        name.strip(" `")
        for cells in rows_of(section(PAGE.read_text(), "Data"))
        for name in cells[0].split(",")
    }
    fields = {name for model in event_models("video", VideoObject).values() for name in model.model_fields}
    assert listed == fields | {"audio", "voice"}
