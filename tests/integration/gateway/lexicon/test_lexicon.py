"""The lexicon of a workspace: its words are stored, and sent with the scripts that contain them."""

from typing import Any

import pytest

from services.gateway.accounts import repository as accounts
from services.gateway.jobs.store.repository import find_job
from services.gateway.lexicon import repository
from services.gateway.lexicon.pronunciation import Pronunciation
from services.gateway.lexicon.repository import MAX_WORDS
from tests.integration.gateway.gateway import Gateway
from tests.unit.gateway.jobs.job_examples import NOW

OTHER = {"Authorization": "Bearer key of other"}
pytestmark = pytest.mark.usefixtures("workers")
"""Workers announce a voice; since the TTS service cannot be reached, pronunciations are not checked."""


async def put(gateway: Gateway, word: str, **reading: str) -> None:
    response = await gateway.http.put(f"/v1/lexicon/{word}", json=reading)
    assert response.status_code == 200, response.text


async def words(gateway: Gateway, **query: Any) -> list[str]:
    response = await gateway.http.get("/v1/lexicon", params=query)
    return [entry["word"] for entry in response.json()["data"]]


async def test_a_word_is_stored_read_changed_and_deleted(gateway: Gateway):
    await put(gateway, "SQL", respelling="see quill")
    await put(gateway, "sql", ipa="ˈsiːkwəl")
    (entry,) = (await gateway.http.get("/v1/lexicon")).json()["data"]
    assert (entry["word"], entry["ipa"], entry["respelling"]) == ("sql", "ˈsiːkwəl", None)
    assert (await gateway.http.get("/v1/lexicon/SQL")).json() == entry
    assert (await gateway.http.delete("/v1/lexicon/Sql")).json()["deleted"]
    assert (await gateway.http.get("/v1/lexicon/sql")).status_code == 404
    assert (await gateway.http.delete("/v1/lexicon/sql")).status_code == 404


async def test_words_are_listed_in_order_in_pages(gateway: Gateway):
    for word in ("b", "New  York", "and/or", "C"):
        await put(gateway, word, respelling="x")
    assert await words(gateway) == ["and/or", "b", "C", "New York"]
    assert await words(gateway, limit=2) == ["and/or", "b"]
    assert await words(gateway, limit=2, after="B") == ["C", "New York"]


@pytest.mark.parametrize("reading", [{}, {"ipa": " "}, {"ipa": "x", "respelling": "y"}, {"ipa": "x" * 201}])
async def test_a_word_must_have_exactly_one_pronunciation(shared_gateway: Gateway, reading: dict[str, str]):
    response = await shared_gateway.http.put("/v1/lexicon/word", json=reading)
    assert response.status_code == 422


async def test_a_word_of_separators_is_refused(gateway: Gateway):
    """Every script would contain it."""
    response = await gateway.http.put("/v1/lexicon/%1C", json={"respelling": "x"})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "word_empty")


async def test_both_unicode_forms_of_an_accent_are_the_same_word(gateway: Gateway):
    await put(gateway, "cafe\u0301", respelling="coffee")
    assert await words(gateway) == ["caf\u00e9"]
    assert (await gateway.http.get("/v1/lexicon/CAFE\u0301")).json()["word"] == "caf\u00e9"


FULL = """
INSERT INTO pronunciations (workspace_id, folded, word, ipa, respelling, updated_at)
SELECT 'default', 'w' || number, 'w' || number, '', 'x', now() FROM generate_series(1, $1 - 1) AS number
"""


async def test_a_full_lexicon_refuses_new_words_and_changes_old_ones(gateway: Gateway):
    await gateway.components.pool.execute(FULL, MAX_WORDS)
    await put(gateway, "one", respelling="won")
    await put(gateway, "one", respelling="wun")
    response = await gateway.http.put("/v1/lexicon/two", json={"respelling": "too"})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "lexicon_full")


async def test_a_script_is_sent_with_its_own_words_only(gateway: Gateway):
    for word in ("GIF", "gift", "York"):
        await put(gateway, word, respelling=f"{word} as heard")
    async with gateway.components.pool.acquire() as connection:
        await accounts.ensure_key(connection, "other", "test", "key of other")
        theirs = Pronunciation("GIF", NOW, respelling="theirs")
        assert await repository.put(connection, "other", theirs)
    video = await gateway.create(scenes=[{"script": "A gif."}, {"script": "A megagif for New Yorkers."}])
    async with gateway.components.pool.acquire() as connection:
        job = await find_job(connection, "default", video["id"])
    assert job is not None
    with_word, without = (stage.parameters for stage in job.stages if stage.service == "tts")
    assert with_word["lexicon"] == [{"word": "GIF", "respelling": "GIF as heard"}]
    assert "lexicon" not in without
    theirs = await gateway.http.get("/v1/lexicon", headers=OTHER)
    assert [entry["respelling"] for entry in theirs.json()["data"]] == ["theirs"]
