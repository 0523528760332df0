"""Measures the figures that the README gives for the demo video: `make demo-report` after `make demo`.

Streams and durations by PyAV, loudness by pyloudnorm (BS.1770), words by PocketSphinx with its own large
English model (it does not know the script), on the MP4's audio and on the raw speech of the same script
from the TTS service.
"""

import json
import sys
from pathlib import Path

import av
import numpy as np
import pyloudnorm  # pyright: ignore[reportMissingTypeStubs]

from benchmarks.mp4 import read_sound
from benchmarks.recogniser import WordRecogniser, word_errors, words_of
from benchmarks.speech import speak


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
    raw = speak(request["script"], request["voice"])
    for name, audio, audio_rate in (("mp4", samples, rate), ("raw espeak", raw.samples, raw.rate)):
        errors = word_errors(reference, WordRecogniser().hear(audio, audio_rate)) / len(reference)
        print(f"word error rate, {name}: {errors:.0%} of {len(reference)} words")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
