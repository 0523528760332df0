"""Writes how the speaker encoder hears Kokoro's voices: `python -m benchmarks.media.stock_voices`.

Renders a sentence in each of the 54 voices, which takes three minutes. Run it again when the model, the
sentence or the encoder changes.
"""

from pathlib import Path

import numpy as np

from services.tts.engines.cloning.references import at_encoder_rate
from services.tts.engines.cloning.speaker_encoder import SpeakerEncoder
from services.tts.engines.kokoro.cloning import stock_voices
from services.tts.engines.kokoro.cloning.rendering import render
from services.tts.engines.kokoro.cloning.stock_voices import PROBE
from services.tts.engines.kokoro.loading import load
from services.tts.engines.kokoro.voices import VOICES

FILE = Path(stock_voices.__file__).with_name(stock_voices.FILE)


def main() -> None:
    encoder, loaded = SpeakerEncoder(), load()
    model, signs = loaded.model, loaded.signs_of(PROBE)
    rows = list[np.ndarray]()
    for name in VOICES:
        rows.append(encoder.embed(at_encoder_rate(render(model, signs, model.timbre(name)).samples)))
        print(name, flush=True)
    np.save(FILE, np.stack(rows).astype(np.float16))
    print(f"{FILE} is written.")


if __name__ == "__main__":
    main()
