"""The contract's task as the engines know it."""

from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.tts.engines.protocol import Speech


def speech_from(task: SynthesisTask) -> Speech:
    return Speech(
        text=task.text,
        voice=task.voice,
        speed=task.speed or 1.0,
        pitch_semitones=task.pitch_semitones,
        ssml=task.ssml,
    )
