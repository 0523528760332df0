"""`/docs` in a browser: what it describes can be tried out."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.api import Api
from tests.e2e.browser import Page, browser_page, require_chromium
from tests.e2e.stack import Stack
from tests.examples import PORTRAIT

CREATE = "#operations-videos-post_video_v1_videos_post"
ANSWER = f"{CREATE} .live-responses-table .response"


@pytest.fixture(scope="session", autouse=True)
def chromium() -> str:
    """Returns the browser's path. Used by itself, so that a test is skipped before a stack is started."""
    return require_chromium()


@pytest.fixture
def page(chromium: str, tmp_path: Path) -> Iterator[Page]:
    with browser_page(chromium, tmp_path) as page:
        yield page


def field(name: str, element: str) -> str:
    return f'{CREATE} [data-property-name="{name}"] {element}'


def test_the_page_makes_a_video_of_an_uploaded_portrait(page: Page, stack: Stack, api: Api):
    page.open(f"{stack.url}/docs")
    page.click(".btn.authorize")
    page.fill("#auth-bearer-value", stack.api_key)
    page.click(".auth-container button[type=submit]")
    page.click(".close-modal")
    page.click(f"{CREATE} .opblock-summary-control")
    page.click(f"{CREATE} .try-out__btn")
    page.choose(f"{CREATE} .opblock-section-request-body .content-type", "multipart/form-data")
    page.fill(field("script", "input"), "Hello from the documentation.")
    page.fill(field("output", "textarea"), '{"fps": 12}')
    page.attach(field("image", "input[type=file]"), PORTRAIT)
    page.click(f"{CREATE} .execute")
    assert page.text(f"{ANSWER} .response-col_status").split() == ["200"], page.text(ANSWER)
    created = json.loads(page.text(f"{ANSWER} .microlight"))
    video = api.wait(created["id"])
    assert (video["status"], video["request"]["output"]["fps"]) == ("completed", 12)
    assert video["prompt"] == "Hello from the documentation."
    content = api.http.get(f"/v1/videos/{video['id']}/content").raise_for_status()
    assert content.headers["content-type"] == "video/mp4"
