"""Measures the figures that the README gives for the demo video: `make demo-report` after `make demo`.

Streams and durations by PyAV, loudness by pyloudnorm (BS.1770), words in the MP4's sound by Whisper, after
`make voices`, and by PocketSphinx with its large English model. Neither knows the script.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import pyloudnorm  # pyright: ignore[reportMissingTypeStubs]
import soundfile  # pyright: ignore[reportMissingTypeStubs]

from benchmarks.mp4 import read_sound
from benchmarks.recogniser import Samples, WordRecogniser, word_errors, words_of
from services.chassis.engine_api.transcript import Transcript
from services.chassis.errors import EngineUnavailable
from services.voice.engines.protocol import Transcription
from services.voice.engines.whisper.engine import WhisperEngine


def describe_streams(path: Path) -> None:
    """Prints the type, codec and duration of each stream."""
    with av.open(str(path)) as container:
        for stream in container.streams:
            codec = stream.codec_context
            assert stream.duration is not None and stream.time_base is not None
            seconds = float(stream.duration * stream.time_base)
            print(f"{codec.type:6} {codec.name:5} {seconds:7.3f} s")


def main(video: Path, example: Path) -> None:
    request = json.loads(example.read_text())
    describe_streams(video)
    samples, rate = read_sound(video)
    stereo = np.column_stack([samples, samples])  # the file has two equal channels
    meter = pyloudnorm.Meter(rate)
    loudness = meter.integrated_loudness(stereo)  # pyright: ignore[reportUnknownMemberType] - untyped
    print(f"loudness {loudness:.2f} LUFS")
    reference = words_of(request["script"])
    for name, heard in (
        ("Whisper", whisper_words(samples, rate)),
        ("PocketSphinx", sphinx_words(samples, rate)),
    ):
        if heard is not None:
            errors = word_errors(reference, heard) / len(reference)
            print(f"words that {name} gets wrong: {errors:.1%} of {len(reference)}")


def whisper_words(samples: Samples, rate: int) -> list[str] | None:
    """Returns the words that Whisper hears in mono samples, shape (n,); `None` if it is not installed, with
    the reason printed."""
    engine = WhisperEngine()
    try:
        engine.open()
    except (EngineUnavailable, ModuleNotFoundError) as exc:
        print(f"Whisper is not here: {exc} Run `make voices`.")
        return None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "demo.wav"
        soundfile.write(path, samples, rate)
        items = list(engine.transcribe(Transcription(path)))
    transcript = next(item for item in items if isinstance(item, Transcript))
    return words_of(transcript.text)


def sphinx_words(samples: Samples, rate: int) -> list[str]:
    """Returns the words that PocketSphinx hears in mono samples, shape (n,)."""
    return WordRecogniser().hear(samples, rate)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
