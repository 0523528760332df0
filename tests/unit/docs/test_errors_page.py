"""Tests that docs/reference/errors.md lists the error codes that the gateway answers with."""

from services.chassis.errors import RETRYABLE, Reason
from services.gateway.http.errors import STATUS
from services.gateway.http.inspection_errors import REFUSALS as INSPECTION_REFUSALS
from tests.unit.docs.error_codes import PAGE, REFUSALS, codes_of_page, codes_of_source
from tests.unit.docs.pages import rows_of, section


def test_the_codes_are_those_of_the_source_with_their_statuses():
    assert codes_of_page() == codes_of_source()


def test_the_reasons_are_those_of_the_services_with_status_and_retry():
    listed = {
        cells[0].strip("`"): (int(cells[1]), cells[2])
        for cells in rows_of(section(PAGE.read_text(), "Reasons"))
    }
    assert listed == {
        reason.value: (STATUS.get(reason, 500), "yes" if reason in RETRYABLE else "no") for reason in Reason
    }


def test_the_refusals_of_inspections_are_those_of_the_gateway():
    assert set(REFUSALS) == {reason.value for reason in INSPECTION_REFUSALS}
