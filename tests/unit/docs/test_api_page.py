"""Tests that docs/reference/api.md describes the fields of jobs."""

from services.gateway.jobs.views.objects import JobError
from tests.unit.docs.pages import DOCS, rows_of, section


def test_the_row_of_a_jobs_error_names_its_fields():
    rows = rows_of(section((DOCS / "reference/api.md").read_text(), "Jobs"))
    (row,) = (text for name, text, *_ in rows if name == "`error`")
    assert [name for name in JobError.model_fields if f"`{name}`" not in row] == []
