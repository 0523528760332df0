"""A scripted voice engine: leaves the speech unchanged, since it carries the instructions."""

import shutil
import wave
from collections.abc import Iterator
from pathlib import Path

from services.chassis.engine_api.spec import EngineSpec, Progress
from services.voice.engines.protocol import Conversion, ConvertedSpeech
from tests.chaos.engines.instructions import Instructions, read_instructions
from tests.chaos.engines.scripted_run import limits, run_scripted
from tests.chaos.engines.speech import SAMPLE_RATE


class ScriptedConversion:
    """Copies the speech."""

    def __init__(self) -> None:
        self.spec = EngineSpec("voice", "scripted", "1", limits=limits())

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def convert(self, request: Conversion) -> Iterator[Progress | ConvertedSpeech]:
        instructions = instructions_in(request.speech)
        yield from run_scripted(instructions, "voice")
        shutil.copyfile(request.speech, request.output)
        yield ConvertedSpeech(request.output, len(instructions.text) / SAMPLE_RATE, request.timeline)


def instructions_in(speech: Path) -> Instructions:
    with wave.open(str(speech)) as file:
        return read_instructions(file.readframes(file.getnframes())[1::2].decode())
