"""Finds which of many words occur in a text, in one pass over it (Aho and Corasick's algorithm). Pure."""

from collections.abc import Iterable, Iterator, Sequence

START = 0


class WordFinder:
    """Words by which texts are searched: a trie with links from each prefix of a word to its longest suffix
    that is a prefix too.

    A word is a sequence of tokens, which are compared as a whole: a word is found only where tokens of the
    text begin and end. The trie is a single dictionary by state and token: one for each of half a million
    states would take three times as much memory.
    """

    def __init__(self, words: Sequence[Sequence[str]]) -> None:
        self._tokens = {token: number for number, token in enumerate(dict.fromkeys(_all(words)))}
        self._next: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self._link = [START]
        self._build(words)

    def numbers_in(self, tokens: Iterable[str]) -> set[int]:
        """Returns the numbers of the words that occur in the text with these tokens.

        The work grows with the tokens and the words, not with their product: each prefix of a word that the
        text contains is noted once, and only then followed to the words that end it.
        """
        found: set[int] = set()
        followed = {START}
        for state in set(self._states(tokens)):
            while state not in followed:
                followed.add(state)
                if state in self._ends:
                    found.add(self._ends[state])
                state = self._link[state]
        return found

    def _build(self, words: Sequence[Sequence[str]]) -> None:
        """Adds all words depth by depth: links lead to lesser depths, which are complete then."""
        states = [START] * len(words)
        for depth in range(max(map(len, words), default=0)):
            for number, word in enumerate(words):
                if depth < len(word):
                    states[number] = self._grow(states[number], self._tokens[word[depth]], depth)
                if depth == len(word) - 1:
                    self._ends[states[number]] = number

    def _grow(self, state: int, token: int, depth: int) -> int:
        key = state * len(self._tokens) + token
        following = self._next.get(key)
        if following is None:
            following = self._next[key] = len(self._link)
            self._link.append(self._step(self._link[state], token) if depth else START)
        return following

    def _states(self, tokens: Iterable[str]) -> Iterator[int]:
        """Yields after each token the longest prefix of a word that ends there."""
        state = START
        for token in tokens:
            number = self._tokens.get(token)
            state = START if number is None else self._step(state, number)
            yield state

    def _step(self, state: int, token: int) -> int:
        count = len(self._tokens)
        while (following := self._next.get(state * count + token)) is None:
            if state == START:
                return START
            state = self._link[state]
        return following


def _all(words: Iterable[Sequence[str]]) -> Iterator[str]:
    for word in words:
        yield from word
