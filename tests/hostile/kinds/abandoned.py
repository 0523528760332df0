"""Speech that nobody waits for: clients that leave before the first byte, and in the middle."""

import asyncio
import io
import wave
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.hostile.attack import MARKER, Attack, Target

KIND = "abandoned"
LONG = {
    "digits": "1." * 24_000,
    "sentences": f"{MARKER} is here, and it ends. " * 1_500,
    "one word": "a" * 48_000,
    "signs": "😀" * 20_000,
    "numbers": "123456 " * 6_000,
}
SSML = {
    "phonemes": "<phoneme ph='həˈloʊ'>x</phoneme> " * 1_000,
    "slow": f"<prosody rate='10%'>{MARKER} is here. </prosody>" * 500,
}
STAYS = (0.05, 0.3, 1.5)
"""Seconds after which a client leaves that has not heard anything yet."""
AGAIN_SECONDS = 15.0
Call = Callable[[Target], Any]


def openai(text: str, **fields: Any) -> Call:
    return lambda target: target.http.stream("POST", "/v1/audio/speech", json={"input": text, **fields})


def elevenlabs(text: str, path: str) -> Call:
    return lambda target: target.http.stream("POST", f"/v1/text-to-speech/en-us{path}", json={"text": text})


def conversion(target: Target) -> Any:
    files = {"audio": ("a.wav", hum(), "audio/wav")}
    return target.http.stream("POST", "/v1/speech-to-speech/en-us", files=files)


def hum() -> bytes:
    """Returns a recording of 40 s."""
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setparams((1, 2, 16_000, 0, "NONE", "not compressed"))
        recording.writeframes(b"\x00\x10" * 80 + (b"\x00\xf0" * 80 + b"\x00\x10" * 80) * 4_000)
    return file.getvalue()


async def leave(target: Target, call: Call, seconds: float, after_bytes: int | None) -> None:
    """Leaves after so many seconds, or after so many bytes, and expects to be served again at once."""
    try:
        async with asyncio.timeout(seconds), call(target) as response:
            heard = 0
            async for block in response.aiter_raw():
                heard += len(block)
                if after_bytes is not None and heard >= after_bytes:
                    break
    except TimeoutError:
        pass
    await hear(target)


async def hear(target: Target) -> None:
    """Raises AssertionError if the workspace is not soon spoken to again: what was left has to be over."""
    loop = asyncio.get_running_loop()
    until = loop.time() + AGAIN_SECONDS
    while True:
        response = await target.http.post("/v1/audio/speech", json={"input": "Hello."})
        if response.status_code == 200:
            return
        assert response.status_code == 429, response.text[:300]
        assert response.headers["retry-after"]
        assert loop.time() < until, "What was left still counts as under way."
        await asyncio.sleep(0.3)


def calls() -> Iterator[tuple[str, Call]]:
    for name, text in LONG.items():
        yield name, openai(text)
    for name, text in SSML.items():
        yield name, openai(text, ssml=True)
    sentences = LONG["sentences"]
    yield "events", openai(sentences, stream_format="sse")
    yield "with an effect", openai(sentences[:8_000], effects=["radio"])
    yield "in FLAC", openai(LONG["digits"], response_format="flac")
    for path in ("", "/stream", "/with-timestamps", "/stream/with-timestamps"):
        yield f"ElevenLabs{path}", elevenlabs(sentences, path)
    yield "a conversion", conversion


def attacks() -> Iterator[Attack]:
    def attack(name: str, call: Call, seconds: float, after_bytes: int | None) -> Attack:
        async def act(target: Target) -> None:
            await leave(target, call, seconds, after_bytes)

        return Attack(KIND, name, act)

    for number, (name, call) in enumerate(calls()):
        stay = STAYS[number % len(STAYS)]
        yield attack(f"{name}, left after {stay:g} s", call, stay, None)
        yield attack(f"{name}, left at the first byte", call, 4.0, 1)


ATTACKS: Sequence[Attack] = tuple(attacks())
