from services.chassis.contracts.transcript import transcript_from_json, transcript_to_json
from services.chassis.engine_api.timeline import TimedWord
from services.chassis.engine_api.transcript import Transcript, TranscriptSegment


def test_a_transcript_survives_its_json():
    transcript = Transcript(
        text="Grüße, Ms. O'Neil.",
        language="en",
        duration=2.5,
        words=(TimedWord("Grüße", 0.1, 0.5), TimedWord("O'Neil", 0.6, 1.0)),
        segments=(TranscriptSegment("Grüße, Ms. O'Neil.", 0.1, 1.0, -0.25, 0.125),),
    )
    assert transcript_from_json(transcript_to_json(transcript)) == transcript


def test_silence_survives_too():
    assert transcript_from_json(transcript_to_json(Transcript("", "en", 2.0))) == Transcript("", "en", 2.0)
