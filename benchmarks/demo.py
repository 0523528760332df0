"""What the README says of the demo video, measured: `make demo-report` after `make demo`.

Streams and durations by PyAV, loudness by pyloudnorm (BS.1770), words by PocketSphinx with its own large
English model (it does not know the script), on the MP4's audio and on the raw speech of the same script
from the espeak engine.
"""

import json
import re
import sys
from pathlib import Path

import av
import numpy as np
import pyloudnorm
import soxr
from numpy.typing import NDArray
from pocketsphinx import Decoder

from services.tts.engines.espeak.engine import EspeakEngine
from services.tts.engines.protocol import Speech
from services.tts.reading.reader import read_plain

RECOGNISER_RATE = 16_000
DITHER = 30 / 32768
"""Digital silence between synthetic words makes the recogniser drop them: a recording is never so silent."""
Samples = NDArray[np.float32]


def decode_audio(path: Path) -> tuple[Samples, int]:
    """Shape (n, channels), and the sample rate."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        frames = [frame.to_ndarray() for frame in container.decode(stream)]
    return np.concatenate(frames, axis=1).T, stream.rate


def speak(script: str, voice: str) -> tuple[Samples, int]:
    engine = EspeakEngine()
    engine.open()
    try:
        chunks = list(engine.synthesize(Speech(read_plain(script, "en"), voice)))
    finally:
        engine.close()
    samples = np.concatenate([chunk.samples for chunk in chunks])
    return (samples / 32768).astype(np.float32), chunks[0].sample_rate


def recognise(samples: Samples, rate: int) -> list[str]:
    """The words that PocketSphinx hears in mono samples, shape (n,)."""
    audio = soxr.resample(samples, rate, RECOGNISER_RATE)
    audio = audio + np.random.default_rng(0).normal(0, DITHER, len(audio))
    decoder = Decoder(samprate=RECOGNISER_RATE, loglevel="FATAL")
    decoder.start_utt()
    decoder.process_raw((audio * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return words_of(hypothesis.hypstr) if hypothesis else []


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower().replace("-", " "))


def word_errors(reference: list[str], heard: list[str]) -> float:
    """Word error rate: the edit distance over the number of reference words."""
    row = np.arange(len(heard) + 1)
    for count, word in enumerate(reference, start=1):
        previous, row = row, np.empty_like(row)
        row[0] = count
        for index, other in enumerate(heard, start=1):
            row[index] = min(previous[index] + 1, row[index - 1] + 1, previous[index - 1] + (word != other))
    return float(row[-1]) / len(reference)


def describe_streams(path: Path) -> None:
    with av.open(str(path)) as container:
        for stream in container.streams:
            codec = stream.codec_context
            seconds = float(stream.duration * stream.time_base)
            print(f"{codec.type:6} {codec.name:5} {seconds:7.3f} s")


def main(video: Path, example: Path) -> None:
    request = json.loads(example.read_text())
    describe_streams(video)
    samples, rate = decode_audio(video)
    print(f"loudness {pyloudnorm.Meter(rate).integrated_loudness(samples):.2f} LUFS")
    reference = words_of(request["script"])
    raw, raw_rate = speak(request["script"], request["voice"])
    for name, audio, audio_rate in (("mp4", samples.mean(axis=1), rate), ("raw espeak", raw, raw_rate)):
        errors = word_errors(reference, recognise(audio, audio_rate))
        print(f"word error rate, {name}: {errors:.0%} of {len(reference)} words")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
