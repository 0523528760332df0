"""Changes nothing in the speech: the order that stands in it must reach the next stage."""

import shutil
import wave
from collections.abc import Iterator
from pathlib import Path

from services.chassis.engine_api.spec import EngineSpec, Progress
from services.voice.engines.protocol import Conversion, ConvertedSpeech
from tests.chaos.engines.order import Order, read_order
from tests.chaos.engines.performance import limits, perform
from tests.chaos.engines.speech import SAMPLE_RATE


class ScriptedConversion:
    def __init__(self) -> None:
        self.spec = EngineSpec("voice", "scripted", "1", limits=limits())

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def convert(self, request: Conversion) -> Iterator[Progress | ConvertedSpeech]:
        order = order_in(request.speech)
        yield from perform(order, "voice")
        shutil.copyfile(request.speech, request.output)
        yield ConvertedSpeech(request.output, len(order.text) / SAMPLE_RATE, request.timeline)


def order_in(speech: Path) -> Order:
    with wave.open(str(speech)) as file:
        return read_order(file.readframes(file.getnframes())[::2].decode())
