"""Conversion of transcripts between JSON and dataclasses."""

from google.protobuf.json_format import MessageToJson, Parse

from likeness.jobs.v1 import transcript_pb2
from services.chassis.contracts.timeline import word_from_proto, word_to_proto
from services.chassis.engine_api.transcript import Transcript, TranscriptSegment

TRANSCRIPT_MEDIA_TYPE = "application/vnd.likeness.transcript+json"


def transcript_to_json(transcript: Transcript) -> bytes:
    """Returns the transcript in protobuf's JSON form, with the field names of the contract."""
    message = transcript_pb2.Transcript(
        duration_seconds=transcript.duration,
        language=transcript.language,
        text=transcript.text,
        words=map(word_to_proto, transcript.words),
        segments=map(_segment_to_proto, transcript.segments),
    )
    return MessageToJson(message, preserving_proto_field_name=True, indent=None).encode()


def transcript_from_json(data: bytes) -> Transcript:
    """Returns the transcript that `transcript_to_json` has written."""
    message = Parse(data, transcript_pb2.Transcript(), ignore_unknown_fields=True)
    return Transcript(
        text=message.text,
        language=message.language,
        duration=message.duration_seconds,
        words=tuple(map(word_from_proto, message.words)),
        segments=tuple(map(_segment_from_proto, message.segments)),
    )


def _segment_to_proto(segment: TranscriptSegment) -> transcript_pb2.TranscriptSegment:
    return transcript_pb2.TranscriptSegment(
        text=segment.text,
        start_seconds=segment.start,
        end_seconds=segment.end,
        log_probability=segment.log_probability,
        no_speech_probability=segment.no_speech_probability,
    )


def _segment_from_proto(segment: transcript_pb2.TranscriptSegment) -> TranscriptSegment:
    return TranscriptSegment(
        text=segment.text,
        start=segment.start_seconds,
        end=segment.end_seconds,
        log_probability=segment.log_probability,
        no_speech_probability=segment.no_speech_probability,
    )
