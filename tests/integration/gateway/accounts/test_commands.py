"""The operator's commands for keys and workspaces."""

import asyncio
import json
import os
import sys
from typing import Any

import pytest

from services.gateway.accounts.__main__ import main
from tests.integration.gateway.gateway import API_KEY, Gateway, picture


class Operator:
    """Runs the commands in a process of their own, with nothing but the URL of the database."""

    def __init__(self, gateway: Gateway) -> None:
        url = gateway.components.settings.database_url.get_secret_value()
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LIKENESS_")}
        self._environment = {**clean, "LIKENESS_DATABASE_URL": url}

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.gateway.accounts",
            *arguments,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        return process.returncode or 0, output.decode(), errors.decode()

    async def done(self, *arguments: str) -> Any:
        status, output, errors = await self.run(*arguments)
        assert status == 0, errors
        return json.loads(output)


async def status_of(gateway: Gateway, key: str) -> int:
    response = await gateway.http.get("/v1/assets", headers={"Authorization": f"Bearer {key}"})
    return response.status_code


async def test_a_key_opens_its_workspace_until_it_is_revoked(gateway: Gateway) -> None:
    operator = Operator(gateway)
    await operator.done("workspaces", "create", "acme", "--name", "Acme Ltd.")

    made = await operator.done("keys", "create", "--workspace", "acme", "--name", "ci")

    assert await status_of(gateway, made["key"]) == 200
    listed = await operator.done("keys", "list", "--workspace", "acme")
    assert [(key["id"], key["name"], key["revoked_at"]) for key in listed] == [(made["id"], "ci", None)]
    assert made["key"] not in json.dumps(listed)

    await operator.done("keys", "revoke", made["id"])

    assert await status_of(gateway, made["key"]) == 401
    assert await status_of(gateway, API_KEY) == 200


async def test_a_deleted_workspace_is_gone_with_its_rows_and_files(gateway: Gateway) -> None:
    operator, pool = Operator(gateway), gateway.components.pool
    await gateway.upload(picture())
    (object_key,) = [row["object_key"] for row in await pool.fetch("SELECT object_key FROM assets")]
    await operator.done("workspaces", "create", "default0")

    await operator.done("workspaces", "delete", "default")

    assert [each["id"] for each in await operator.done("workspaces", "list")] == ["default0"]
    assert await status_of(gateway, API_KEY) == 401
    assert await pool.fetchval("SELECT count(*) FROM assets") == 0
    async with asyncio.timeout(20):
        while await gateway.components.store.head(object_key) is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_workspace_with_jobs_under_way_is_not_deleted(gateway: Gateway) -> None:
    operator = Operator(gateway)
    await gateway.components.pool.execute(
        "INSERT INTO jobs (id, workspace_id, kind, status, spec, result, created_at) "
        "VALUES ('video_1', 'default', 'video', 'in_progress', '{}', '{}', now())"
    )

    status, _, error = await operator.run("workspaces", "delete", "default")

    assert status == 2
    assert "1 jobs of 'default' are under way" in error
    assert await status_of(gateway, API_KEY) == 200


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("keys", "create", "--workspace", "nowhere", "--name", "x"), "no workspace 'nowhere'"),
        (("keys", "create", "--workspace", "default", "--name", "two\nlines"), "printable"),
        (("keys", "revoke", "key_nothing"), "no key 'key_nothing'"),
        (("workspaces", "create", "default"), "already"),
        (("workspaces", "create", "../other"), "no id of a workspace"),
        (("workspaces", "delete", "nowhere"), "no workspace 'nowhere'"),
    ],
)
async def test_what_cannot_be_done_is_refused(
    shared_gateway: Gateway,
    arguments: tuple[str, ...],
    error: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = shared_gateway.components.settings.database_url.get_secret_value()
    monkeypatch.setenv("LIKENESS_DATABASE_URL", url)

    assert await asyncio.to_thread(main, arguments) == 2

    assert error in capsys.readouterr().err
