"""The title of a job: shown wherever the job is, kept by a remix, and the name of its files."""

from tests.integration.gateway.fake_workers import FakeWorkers
from tests.integration.gateway.gateway import Gateway, picture

TITLE = "Frühling: Teil 1/2"


async def test_a_title_is_shown_kept_and_names_the_files(gateway: Gateway, workers: FakeWorkers):
    video = await gateway.create(script="Hello.", title=f"  {TITLE} ", metadata={"a": "b"})
    assert video["title"] == TITLE
    done = await gateway.ended(video["id"])
    assert (done["title"], done["request"]["title"]) == (TITLE, TITLE)
    listed = (await gateway.http.get("/v1/jobs")).json()["data"]
    assert [each["title"] for each in listed] == [TITLE]
    remix = await gateway.http.post(f"/v1/videos/{video['id']}/remix", json={"script": "Bye."})
    assert remix.json()["title"] == TITLE
    redirect = await gateway.http.get(f"/v1/videos/{video['id']}/content")
    assert (redirect.status_code, redirect.headers["cache-control"]) == (302, "no-store")
    content = await gateway.http.get(redirect.headers["location"], headers={"Authorization": ""})
    assert "filename*=UTF-8''Fr%C3%BChling%20Teil%201%202.mp4" in content.headers["content-disposition"]
    etag = redirect.headers["etag"]
    again = await gateway.http.get(f"/v1/videos/{video['id']}/content", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_job_without_a_title_is_named_by_its_id(gateway: Gateway, workers: FakeWorkers):
    audio = await gateway.http.post("/v1/audio/jobs", json={"script": "Hello.", "title": " "})
    assert audio.json()["title"] is None
    video = await gateway.create(script="Hello.")
    await gateway.ended(video["id"])
    redirect = await gateway.http.get(f"/v1/videos/{video['id']}/content", params={"variant": "thumbnail"})
    content = await gateway.http.get(redirect.headers["location"], headers={"Authorization": ""})
    assert f'filename="{video["id"]}.jpg"' in content.headers["content-disposition"]


async def test_a_title_of_more_than_200_characters_is_refused(gateway: Gateway, workers: FakeWorkers):
    image = await gateway.upload(picture())
    request = {"script": "Hello.", "image": image, "title": "x" * 201}
    response = await gateway.http.post("/v1/videos", json=request)
    assert (response.status_code, response.json()["error"]["param"]) == (422, "title")
    fields = {name: (None, value) for name, value in {**request, "title": "x" * 200}.items()}
    form = await gateway.http.post("/v1/videos", files=fields)
    assert (form.status_code, form.json()["title"]) == (200, "x" * 200)
