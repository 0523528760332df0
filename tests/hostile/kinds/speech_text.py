"""Texts, SSML and lexicons that hurt parsers and native speech engines, spoken at once."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from tests.fuzz.text import odd_ssml, odd_text
from tests.hostile.attack import MARKER, Attack, Target

KIND = "speech_text"
BUSY = 429
TRIES = 60
HEARD_BYTES = 20_000
"""How much of a speech is heard before the client leaves: some would last for hours."""
SPOKEN, REFUSED, EITHER = (200,), (422,), (200, 422)
LAUGHS = "".join(f'<!ENTITY l{n} "&l{n - 1};&l{n - 1};&l{n - 1};&l{n - 1};">' for n in range(1, 20))
LENGTH = 40_000

TEXTS = {
    "digits with full stops": "1." * 24_000,
    "letters with full stops": "a." * 20_000,
    "letters with full stops and spaces": "a. " * 12_000,
    "wide letters with full stops": "\U00010400." * 200,
    "one word": "a" * LENGTH,
    "one number": "1" * LENGTH,
    "dates": "1/1/" * 10_000,
    "ranges": "1-" * 20_000,
    "decimals": "1,1" * 13_000,
    "times": "12:30:" * 6_000,
    "prices": "$1 " * 10_000,
    "Roman numerals": "Henry XVIII " * 3_000,
    "addresses": "http://a.b/c" * 3_000,
    "mail": "a@b.c" * 8_000,
    "apostrophes": "'" * LENGTH + " ok",
    "hyphens": "a-" * 20_000,
    "emoji": "😀" * 10_000,
    "families": "👨‍👩‍👧‍👦" * 3_000,
    "combining marks": "e" + "\u0301" * LENGTH,
    "right to left": "\u202e\u2067abc\u2069" * 5_000,
    "nothing to see": "\u200b\u200d\ufeff" * 10_000 + " ok",
    "phoneme mode": "[[_^_" + "x" * 60 + "]] " * 100,
    "controls": "a\x01250S \x02 \x1b[31m \x00 b",
    "half a pair": "ok \ud800 ok",
    "private signs": "\ue03c\ue03e ok \U0010fffd",
    "brackets": "[" * LENGTH + " ok",
    "words of two letters": "ab " * 13_000,
    "other letters": "字" * 5_000,
}
SSML = {
    "a phoneme of 300 letters": (REFUSED, f"<phoneme ph='{'a' * 300}'>word</phoneme>"),
    "a phoneme of 200 letters": (SPOKEN, f"<phoneme ph='{'a' * 200}'>word</phoneme>"),
    "a phoneme of 200 stressed syllables": (REFUSED, f"<phoneme ph='{'ˈa' * 200}'>word</phoneme>"),
    "a phoneme of 100 stressed syllables": (SPOKEN, f"<phoneme ph='{'ˈa' * 100}'>word</phoneme>"),
    "a phoneme of 40,000 letters": (REFUSED, f"<phoneme ph='{'a' * LENGTH}'/>"),
    "a phoneme of marks": (EITHER, f"<phoneme ph='a{'̃' * 150}'/>"),
    "a phoneme in X-SAMPA": (REFUSED, f"<phoneme alphabet='x-sampa' ph='{'a' * 300}'/>"),
    "a phoneme in no alphabet": (REFUSED, "<phoneme ph='щ'>word</phoneme>"),
    "a phoneme with commands": (REFUSED, "<phoneme ph=']] [[_^_xx'>word</phoneme>"),
    "many phonemes": (SPOKEN, "<phoneme ph='həˈloʊ'>x</phoneme>" * 800),
    "brackets across elements": (SPOKEN, f"a[<emphasis>[_^_{'x' * 60}]]</emphasis>"),
    "a long alias": (REFUSED, f"<sub alias='{'a ' * 9_000}'>x</sub>"),
    "a long text that is spelled": (REFUSED, f"<say-as interpret-as='characters'>{'(' * 9_000}</say-as>"),
    "many breaks": (REFUSED, "a" + "<break time='10s'/>" * 2_000),
    "breaks without end": (REFUSED, f"a<break time='{'9' * 400}s'/>"),
    "nested prosody": (SPOKEN, "<prosody rate='1000%'>" * 900 + MARKER + "</prosody>" * 900),
    "nested sentences": (SPOKEN, "<s>" * 5_000 + MARKER + "</s>" * 5_000),
    "nothing closed": (REFUSED, "<s>" * 10_000),
    "less than": (REFUSED, "<" * LENGTH),
    "ampersands": (REFUSED, "&" * LENGTH),
    "entities": (SPOKEN, "&amp;" * 8_000),
    "a billion laughs": (REFUSED, f"<!DOCTYPE s [<!ENTITY l0 'ha'>{LAUGHS}]><speak>&l19;</speak>"),
    "a file": (REFUSED, '<!DOCTYPE s [<!ENTITY f SYSTEM "file:///etc/passwd">]><speak>&f;</speak>'),
    "comments": (SPOKEN, "<!-- - -->" * 4_000 + MARKER),
    "instructions": (SPOKEN, "<?a b?>" * 5_000 + MARKER),
    "sections": (SPOKEN, f"<![CDATA[<{MARKER}&]]>" * 1_000),
    "another namespace": (REFUSED, f"<x:s xmlns:x='urn:x'>{MARKER}</x:s>"),
    "lines": (SPOKEN, "a\n" * 20_000),
    "tags of emotions": (SPOKEN, "[happy] a " * 4_000),
    "a character that there is not": (REFUSED, f"{MARKER}&#0;&#xd800;"),
}
IPA = {"an IPA of 300 letters": "a" * 300, "an IPA that is none": "щ" * 50, "an IPA with commands": "]] [[x"}
SEEDS = 12


JSON = {"content-type": "application/json"}


async def speak(target: Target, path: str, body: dict[str, Any], expected: Sequence[int]) -> None:
    """Hears the beginning of a speech. Raises AssertionError for another status than the expected ones."""
    status = BUSY
    for _ in range(TRIES):
        if (status := await begin(target, path, body)) != BUSY:
            break
        await asyncio.sleep(0.2)
    assert status in (*expected, BUSY), (status, path)


async def begin(target: Target, path: str, body: dict[str, Any]) -> int:
    """Returns the status of a speech, after its first bytes."""
    heard = 0
    content = json.dumps(body)  # in ASCII: half of a surrogate pair has no UTF-8
    async with target.http.stream("POST", path, content=content, headers=JSON) as response:
        async for block in response.aiter_bytes():
            heard += len(block)
            if heard >= HEARD_BYTES:
                break
        return response.status_code


async def in_openai(target: Target, text: str, ssml: bool, expected: Sequence[int]) -> None:
    await speak(target, "/v1/audio/speech", {"input": text, "ssml": ssml}, expected)


async def in_elevenlabs(target: Target, text: str, ssml: bool, expected: Sequence[int]) -> None:
    await speak(target, "/v1/text-to-speech/en-us/stream", {"text": text, "ssml": ssml}, expected)


async def as_job(target: Target, text: str, ssml: bool, expected: Sequence[int]) -> None:
    body = {"script": text, "ssml": ssml, "dry_run": True}
    response = await target.http.post("/v1/audio/jobs", content=json.dumps(body), headers=JSON)
    assert response.status_code in expected, response.text[:300]


async def put_word(target: Target, ipa: str) -> None:
    response = await target.http.put(f"/v1/lexicon/{MARKER}", json={"ipa": ipa})
    assert response.status_code == 422, response.text[:300]


async def random_text(target: Target, seed: int) -> None:
    random = Random(seed)
    ssml = seed % 2 == 0
    text = odd_ssml(random) if ssml else odd_text(random)
    await in_openai(target, text or "a", ssml, EITHER)


def attacks() -> Iterator[Attack]:
    def attack(name: str, run: Callable[..., Any], *arguments: object) -> Attack:
        async def act(target: Target) -> None:
            await run(target, *arguments)

        return Attack(KIND, name, act)

    ways = (in_openai, in_elevenlabs)
    for number, (name, text) in enumerate(TEXTS.items()):
        expected = EITHER if "\ud800" in text else SPOKEN
        yield attack(name, ways[number % 2], f"{MARKER} {text}", False, expected)
    for number, (name, (expected, text)) in enumerate(SSML.items()):
        yield attack(name, ways[number % 2], text, True, expected)
        if expected is REFUSED:
            yield attack(f"{name}, as a job", as_job, text, True, REFUSED)
    for name, ipa in IPA.items():
        yield attack(name, put_word, ipa)
    for seed in range(SEEDS):
        yield attack(f"random text {seed}", random_text, seed)


ATTACKS: Sequence[Attack] = tuple(attacks())
