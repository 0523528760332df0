"""Plans the stages of an audio file. Pure."""

from collections.abc import Mapping

from services.gateway.audio.spec import AudioSpec
from services.gateway.jobs.domain.job_plan import PlannedStage
from services.gateway.jobs.domain.models import InputSource
from services.gateway.speech.plan import plan_speech, speech_quantity, weight_of

MUX_WEIGHT = 0.2


def plan(spec: AudioSpec) -> tuple[PlannedStage, ...]:
    """Returns the stages in an order in which every producer comes before its consumers."""
    stages: list[PlannedStage] = []
    inputs: dict[str, InputSource] = {}
    for number, scene in enumerate(spec.scenes):
        scene_stages, speech = plan_speech(f"scene-{number}", scene)
        stages += scene_stages
        inputs[f"speech.{number}"] = speech["speech"]
    return (*stages, plan_mux(spec, inputs))


def plan_mux(spec: AudioSpec, inputs: Mapping[str, InputSource]) -> PlannedStage:
    parameters = {
        "scenes": len(spec.scenes),
        "loudness_lufs": spec.loudness_lufs,
        "audio_format": f"AUDIO_FORMAT_{spec.format.upper()}",
        "gap_seconds": spec.gap_seconds,
    }
    gaps = spec.gap_seconds * (len(spec.scenes) - 1)
    seconds = gaps + sum(scene.speech_seconds for scene in spec.scenes)
    quantity = speech_quantity(seconds, sum(scene.spoken_seconds for scene in spec.scenes))
    weight = weight_of(MUX_WEIGHT, seconds)
    return PlannedStage("mux", spec.mux, parameters, inputs, weight, quantity)
