"""The public API for writers of engines: specs, timelines, effects, quality checks and errors.

The requests and results of each service are in `likeness.engine.tts`, `likeness.engine.voice`,
`likeness.engine.video` and `likeness.engine.mux`. Only what these five modules export is stable; the modules
under `services` that define it are not.
"""

from services.chassis.engine_api.effects import (
    Effect,
    EffectAmount,
    EffectPreset,
    EffectStep,
    checked_chain,
)
from services.chassis.engine_api.ipa import is_pause, parse_phoneme
from services.chassis.engine_api.quality import QualityCheck, failed, judge
from services.chassis.engine_api.spec import (
    DeviceClass,
    Engine,
    EngineLimits,
    EngineSpec,
    Progress,
    Voice,
)
from services.chassis.engine_api.timeline import (
    Emotion,
    SpeechTimeline,
    Stress,
    TimedEmotion,
    TimedPhoneme,
    TimedWord,
)
from services.chassis.engine_api.video_format import VideoFormat
from services.chassis.errors import (
    EngineUnavailable,
    FaceNotFound,
    InvalidArgument,
    LikenessError,
    MediaUnreadable,
    Reason,
    VoiceUnknown,
)

__all__ = [
    "DeviceClass",
    "Effect",
    "EffectAmount",
    "EffectPreset",
    "EffectStep",
    "Emotion",
    "Engine",
    "EngineLimits",
    "EngineSpec",
    "EngineUnavailable",
    "FaceNotFound",
    "InvalidArgument",
    "LikenessError",
    "MediaUnreadable",
    "Progress",
    "QualityCheck",
    "Reason",
    "SpeechTimeline",
    "Stress",
    "TimedEmotion",
    "TimedPhoneme",
    "TimedWord",
    "VideoFormat",
    "Voice",
    "VoiceUnknown",
    "checked_chain",
    "failed",
    "is_pause",
    "judge",
    "parse_phoneme",
]
