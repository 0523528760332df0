"""Measures which texts are heard as written: `python -m benchmarks.media.heard`, after `make voices`.

Each is read as the product reads it and spoken by hibari. Whisper, which knows nothing of the text, writes
down what it hears, often in digits of its own; both are compared in words.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import soundfile  # pyright: ignore[reportMissingTypeStubs]

from benchmarks.media.voices import speak
from services.chassis.engine_api.transcript import Transcript
from services.tts.engines.hibari.engine import VOICE, HibariEngine
from services.tts.normalization.phrases import read_text
from services.voice.engines.protocol import Transcription
from services.voice.engines.whisper.engine import WhisperEngine

LANGUAGE = "en-US"
TEXTS = (
    "He was in his 30s when the war began.",
    "She loves music from the '90s and the 2000s.",
    "The 1990's were a good time for them.",
    "We met in the early 1980s in Paris.",
    "The 50s and 60s changed everything.",
    "There were 100s of people in the street.",
    "The timer stopped after 30s exactly.",
    "The signal came at 14:30:15 in the afternoon.",
    "She ran the marathon in 3:02:45 on Sunday.",
    "Please call 555-123-4567 before noon.",
    "The number is 1-800-555-0199 for orders.",
    "In danger, call 911 at once.",
    "It happened on 2024-03-12 in the morning.",
    "The party is on 12/25 at our house.",
    "He was born on 03/12/1984 in Boston.",
    "They will stay from March 10-12, 2024 in Rome.",
    "The tickets cost $5-10 at the door.",
    "They raised $1.5M-2M from friends.",
    "The price is $1,250.50 in total.",
    "Every song costs $.99 in the store.",
    "A pencil costs 50¢ in this shop.",
    "The house costs $2 million today.",
    "Our team is #1 in the country.",
    "The office is open 9am-5pm every day.",
    "The meeting is from 9:30-10:45 tomorrow.",
    "We are open Mon-Fri until six.",
    "King Henry VIII had six wives.",
    "Queen Elizabeth II's reign was long.",
    "Charles I of England lost his head.",
    "World War II ended in 1945.",
    "Please read Chapter IV for tomorrow.",
    "He lives at 42 St. John St. in London.",
    "The box weighs 5 kg. It is heavy.",
    "The man is 6'2\" tall and thin.",
    "The wall is 12 ft. high on this side.",
    "The car drives 100 km/h on this road.",
    "It is -5 °C outside this morning.",
    "About 20% of them agreed with him.",
    "Take 1/2 cup of sugar and stir.",
    "The walk takes 2½ hours in summer.",
    "She finished 3rd in the big race.",
    "Pi is about 3.14 in this lesson.",
    "Write to me.too@example.org for more.",
    "Dr. Smith met Mr. Lee on Main St. near St. Mary.",
    "The team of 1914-18 was a strong one.",
    "I ❤️ this small town by the sea.",
    "𝓗𝓮𝓵𝓵𝓸 my old friend from school.",
    "The train leaves at 7:05 pm from here.",
    "The gun was a .45 caliber pistol.",
    "There are 1,250 people in the hall.",
)
NOT_SAID = frozenset({"and", "a", "the"})
"""Words that are as right as their absence: "two hundred (and) five"."""


def main() -> None:
    voice, ears = HibariEngine(), WhisperEngine()
    voice.open()
    ears.open()
    right = 0
    for text in TEXTS:
        heard = hear(voice, ears, text)
        same = words(said(text)) == words(said(heard))
        right += same
        print(f"{'heard' if same else 'OTHER'}  {text}\n       {said(text)}\n       {heard}", flush=True)
    print(f"{right} of {len(TEXTS)} heard as they are written")


def hear(voice: HibariEngine, ears: WhisperEngine, text: str) -> str:
    """Returns what is heard of the text."""
    spoken = speak(voice, VOICE.id, text)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "text.wav"
        soundfile.write(path, spoken.samples, spoken.rate)
        items = list(ears.transcribe(Transcription(path)))
    return next(item.text for item in items if isinstance(item, Transcript))


def said(text: str) -> str:
    return "".join(written if spoken is None else spoken for written, spoken in read_text(text, LANGUAGE))


def words(text: str) -> str:
    """Returns the letters of a text that are said for sure, so that "o'clock" and "o clock" are the same."""
    plain = text.lower().replace("-", " ").replace("’", "'")
    kept = (word for word in plain.split() if word.strip(".,!?") not in NOT_SAID)
    return "".join(filter(str.isalpha, "".join(kept)))


if __name__ == "__main__":
    main()
