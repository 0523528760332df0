"""Has the TTS service look at scripts before a video is accepted."""

from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.chassis.errors import LikenessError
from services.gateway.components import Components
from services.gateway.errors import invalid
from services.gateway.videos.plan import synthesis_parameters
from services.gateway.videos.spec import ScriptSpec, VideoSpec


async def inspect_scripts(components: Components, spec: VideoSpec, *, many: bool) -> None:
    """Raises a 422 for markup, tags or pronunciations that are wrong. `many`: the request has scenes."""
    for number, scene in enumerate(spec.scenes):
        script = scene.speech
        if isinstance(script, ScriptSpec) and may_be_wrong(script):
            try:
                task = SynthesisTask(**synthesis_parameters(script))
                await components.speech.inspect(script.engine.name, task)
            except LikenessError as exc:
                param = f"scenes.{number}.script" if many else "script"
                raise invalid("script_invalid", exc.message, param) from exc


def may_be_wrong(script: ScriptSpec) -> bool:
    """Plain text cannot be: nobody needs to be asked."""
    return script.ssml or bool(script.lexicon) or "[" in script.text
