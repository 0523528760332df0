"""Defines `likeness speak`, which says a text into a sound file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.commands.options import ApiKeyOption, DataOption, UrlOption, data_folder
from services.cli.commands.render import EffectOption, EmotionOption, text_in

if TYPE_CHECKING:
    from services.cli.connection import Target
    from services.cli.speak_request import SpeakRequest


def speak(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is said; - reads stdin.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="Where it goes: .wav, .mp3, .opus, .aac, .flac or .pcm, by default out.wav; - is stdout.",
        ),
    ] = None,
    voice: Annotated[str | None, typer.Option(help="A voice of `likeness voices`, such as heart.")] = None,
    speed: Annotated[float | None, typer.Option(help="1 is normal.")] = None,
    pitch: Annotated[float | None, typer.Option(help="Shift the pitch by so many semitones.")] = None,
    emotion: EmotionOption = None,
    effect: EffectOption = None,
    ssml: Annotated[bool, typer.Option("--ssml", help="The text is SSML.")] = False,
    markup: Annotated[
        str | None,
        typer.Option("--markup", help="plain reads the marks of Markdown, which are left out otherwise."),
    ] = None,
    audio_format: Annotated[
        str | None, typer.Option("--format", help="By default that of the file's name; for stdout wav.")
    ] = None,
    engine: Annotated[str | None, typer.Option(help="A TTS engine of `likeness engines`.")] = None,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Say a text into a sound file. Starts a stack for itself if none runs."""
    from services.cli.connection import Target
    from services.cli.speak_request import SpeakRequest, default_file

    request = SpeakRequest(
        text=text_in(Path(text)) if text == "-" else text,
        voice=voice,
        speed=speed,
        pitch=pitch,
        emotion=emotion,
        effects=tuple(effect or ()),
        ssml=ssml,
        markup=markup,
        engine=engine,
        audio_format=audio_format,
    )
    speak_to_file(request, out or default_file(audio_format), Target(url, api_key, data_folder(data)))


def speak_to_file(request: "SpeakRequest", out: Path, target: "Target") -> None:
    """Writes the speech to `out`, and prints its path if it is a file."""
    from services.cli.connection import reach_or_start
    from services.cli.destination import STDOUT, check_destination
    from services.cli.interrupt import run_interruptible
    from services.cli.speak_request import SPEECH_OPTIONS, speech_body

    body = speech_body(request, out)
    check_destination(out)

    async def reach_and_speak() -> None:
        async with reach_or_start(target, lambda text: print(text, file=sys.stderr)) as client:
            await client.speak(body, out, SPEECH_OPTIONS)

    run_interruptible(reach_and_speak())
    if out != STDOUT:
        print(out)
