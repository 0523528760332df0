"""Searches scripts for the words of a workspace's lexicon."""

from collections.abc import Iterable

from services.chassis.aio import off_loop
from services.gateway.db.pool import Pool
from services.gateway.lexicon import repository
from services.gateway.lexicon.pronunciation import Occurrences, occurring

CHARACTERS_PER_WORD = 100
"""A word of the lexicon costs the search about as much as so many characters of a script."""


async def find_words(pool: Pool, workspace: str, scripts: Iterable[str]) -> Occurrences:
    """Returns for each script the entries that occur in it, in the order of their words.

    No connection is held while a large lexicon or script is searched.
    """
    texts = tuple(dict.fromkeys(scripts))
    if not texts:
        return {}
    async with pool.acquire() as connection:
        lexicon = await repository.every(connection, workspace)
    if not lexicon:
        return {}
    size = sum(map(len, texts)) + len(lexicon) * CHARACTERS_PER_WORD
    return await off_loop(lambda: occurring(lexicon, texts), size)
