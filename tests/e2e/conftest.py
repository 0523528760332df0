"""Fixtures of the end-to-end tests: one stack for all of them, and clients of it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import openai
import pytest

from tests.e2e import stack as stacks
from tests.e2e.api import Api
from tests.e2e.stack import Stack
from tests.examples import PORTRAIT, READER
from tests.mimic.install import mimic_variables

LEASE_SECONDS = "6"
"""Lease of the stack: short, so that a killed worker's stage is run again before a test gives up."""

TOY_DOMAIN = Path(__file__).parents[1] / "toy_domain"
"""A package with a domain of its own, installed beside Likeness: see docs/add-a-domain.md."""


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Starts the stack on a data folder that PostgreSQL's own account can reach, unlike pytest's."""
    with tempfile.TemporaryDirectory(prefix="likeness-e2e-") as folder:
        data = Path(folder) / "data"
        try:
            variables = {"LIKENESS_LEASE_SECONDS": LEASE_SECONDS, **mimic_variables(TOY_DOMAIN)}
            yield stacks.start(data, variables)
        finally:
            stacks.stop(data)


@pytest.fixture(scope="session")
def http(stack: Stack) -> Iterator[httpx2.Client]:
    headers = {"Authorization": f"Bearer {stack.api_key}"}
    with httpx2.Client(base_url=stack.url, headers=headers, timeout=120, follow_redirects=True) as client:
        yield client


@pytest.fixture(scope="session")
def api(http: httpx2.Client) -> Api:
    return Api(http)


@pytest.fixture(scope="session")
def client(stack: Stack) -> Iterator[openai.OpenAI]:
    """Opens the official OpenAI client, unmodified, with the stack's base URL."""
    with openai.OpenAI(base_url=f"{stack.url}/v1", api_key=stack.api_key, max_retries=0) as client:
        yield client


@pytest.fixture(scope="session")
def portrait(api: Api) -> str:
    return api.upload(PORTRAIT)


@pytest.fixture(scope="session")
def reader(api: Api) -> str:
    return api.upload(READER)


@pytest.fixture(scope="session")
def stack_url(stack: Stack) -> str:
    return stack.url
