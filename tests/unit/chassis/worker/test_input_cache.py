"""The cache of inputs: what is kept, what is fetched again, and what goes."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from services.chassis.errors import ArtifactMissing
from services.chassis.storage import Artifact
from services.chassis.worker.input_cache import InputCache


class Source:
    """Counts what is fetched; an artifact's content is its key."""

    def __init__(self) -> None:
        self.fetched: list[str] = []
        self.gone = False

    async def fetch(self, artifact: Artifact, path: Path) -> Path:
        if self.gone:
            raise ArtifactMissing("It is gone.", artifact_key=artifact.key)
        self.fetched.append(artifact.key)
        await asyncio.to_thread(path.write_text, artifact.key)
        return path


def artifact(name: str, workspace: str = "default") -> Artifact:
    key = f"{workspace}/sha256/{name}"
    return Artifact(key, hashlib.sha256(key.encode()).hexdigest(), "audio/wav", len(key))


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def cache(source: Source, tmp_path: Path) -> InputCache:
    kept = tmp_path / "inputs"
    kept.mkdir()
    return InputCache(source, kept, max_bytes=2 * artifact("a").size_bytes)


async def test_an_input_is_fetched_once(cache: InputCache, source: Source, tmp_path: Path):
    for number in range(3):
        path = await cache.fetch(artifact("a"), tmp_path / str(number))
        assert path.read_text() == "default/sha256/a"
    assert source.fetched == ["default/sha256/a"]


async def test_what_was_used_longest_ago_is_removed(cache: InputCache, source: Source, tmp_path: Path):
    for number, name in enumerate("abacab"):
        await cache.fetch(artifact(name), tmp_path / str(number))
    assert [key[-1] for key in source.fetched] == ["a", "b", "c", "b"]
    assert sorted(path.name[-1] for path in (tmp_path / "inputs").iterdir()) == ["a", "b"]


async def test_a_stage_keeps_its_file_when_the_cache_drops_it(cache: InputCache, tmp_path: Path):
    first = await cache.fetch(artifact("a"), tmp_path / "first")
    for name in "bcd":
        await cache.fetch(artifact(name), tmp_path / name)
    assert first.read_text() == "default/sha256/a"


async def test_what_is_larger_than_the_cache_is_not_kept(cache: InputCache, source: Source, tmp_path: Path):
    for number in range(2):
        await cache.fetch(artifact("a" * 50), tmp_path / str(number))
    assert len(source.fetched) == 2


async def test_a_file_that_was_removed_is_fetched_again(cache: InputCache, source: Source, tmp_path: Path):
    await cache.fetch(artifact("a"), tmp_path / "first")
    for path in (tmp_path / "inputs").iterdir():
        path.unlink()
    assert (await cache.fetch(artifact("a"), tmp_path / "second")).read_text() == "default/sha256/a"
    assert len(source.fetched) == 2


@pytest.mark.parametrize("content", ["DEFAULT/sha256/a", "longer than it was", ""])
async def test_what_a_stage_wrote_through_its_link_reaches_no_other(
    cache: InputCache, source: Source, tmp_path: Path, content: str
):
    first = await cache.fetch(artifact("a"), tmp_path / "first")
    first.chmod(0o644)
    first.write_text(content)
    for number in range(2):
        path = await cache.fetch(artifact("a"), tmp_path / str(number))
        assert path.read_text() == "default/sha256/a"
    assert source.fetched == ["default/sha256/a"] * 2


async def test_an_input_that_is_gone_is_told(cache: InputCache, source: Source, tmp_path: Path):
    source.gone = True
    with pytest.raises(ArtifactMissing):
        await cache.fetch(artifact("a"), tmp_path / "first")


async def test_inputs_of_two_workspaces_are_two(cache: InputCache, source: Source, tmp_path: Path):
    other = artifact("a", "other")
    await cache.fetch(artifact("a"), tmp_path / "1")
    await cache.fetch(other, tmp_path / "2")
    assert source.fetched == ["default/sha256/a", "other/sha256/a"]


async def test_stages_that_want_an_input_at_once_all_get_it(cache: InputCache, tmp_path: Path):
    paths = await asyncio.gather(*(cache.fetch(artifact("a"), tmp_path / str(n)) for n in range(5)))
    assert {path.read_text() for path in paths} == {"default/sha256/a"}


async def test_stages_that_fetch_and_drop_at_once_all_get_their_inputs(cache: InputCache, tmp_path: Path):
    """Three inputs do not fit together: each fetch may remove what another one is about to link."""
    for number in range(50):
        names = "abcab"
        targets = [tmp_path / f"{number}-{index}" for index in range(len(names))]
        fetches = (cache.fetch(artifact(name), path) for name, path in zip(names, targets, strict=True))
        paths = await asyncio.gather(*fetches)
        assert [path.read_text()[-1] for path in paths] == list(names)
    assert len(list((tmp_path / "inputs").iterdir())) <= 3
