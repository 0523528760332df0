"""Defines `likeness render`, which makes a talking video."""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from services.cli.commands.estimate_table import print_estimate
from services.cli.commands.options import (
    ApiKeyOption,
    DataOption,
    JsonOption,
    MetadataOption,
    UrlOption,
    data_folder,
    pairs_of,
)
from services.cli.errors import UsageError

if TYPE_CHECKING:
    from services.cli.client import Job
    from services.cli.connection import Target
    from services.cli.following import JobObserver
    from services.cli.progress import Rendered
    from services.cli.render_request import RenderRequest


EmotionOption = Annotated[
    str | None,
    typer.Option(help="neutral, happy, sad, angry, surprised or calm, until the script says [another]."),
]
EffectOption = Annotated[
    list[str] | None,
    typer.Option(metavar="EFFECT", help="One of `likeness effects`; give it again for more, in order."),
]


def render(
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="Where it goes: .mp4, .mov or .webm by --format, by default out.mp4; - is stdout.",
        ),
    ] = None,
    script: Annotated[str | None, typer.Option(help="What is said.")] = None,
    script_file: Annotated[Path | None, typer.Option(help="A text file with it; - reads stdin.")] = None,
    image: Annotated[Path | None, typer.Option(help="The portrait that speaks.")] = None,
    avatar: Annotated[str | None, typer.Option(help="Or the id of one of `likeness avatars`.")] = None,
    audio: Annotated[Path | None, typer.Option(help="A recording to speak instead of a script.")] = None,
    transcript: Annotated[str | None, typer.Option(help="What is said in the recording.")] = None,
    language: Annotated[str | None, typer.Option(help="Of the recording, such as de; else English.")] = None,
    voice: Annotated[str | None, typer.Option(help="A voice of `likeness voices`, such as heart.")] = None,
    speed: Annotated[float | None, typer.Option(help="1 is normal.")] = None,
    reference: Annotated[Path | None, typer.Option(help="A recording to move the voice towards.")] = None,
    strength: Annotated[float | None, typer.Option(help="How far, from 0 to 1.")] = None,
    pitch: Annotated[float | None, typer.Option(help="Shift the pitch by so many semitones.")] = None,
    formant: Annotated[float | None, typer.Option(help="Scale the formants; above 1 sounds smaller.")] = None,
    emotion: EmotionOption = None,
    effect: EffectOption = None,
    ssml: Annotated[bool, typer.Option("--ssml", help="The script is SSML.")] = False,
    markup: Annotated[
        str | None,
        typer.Option("--markup", help="plain reads the marks of Markdown, which are left out otherwise."),
    ] = None,
    prompt: Annotated[
        str | None, typer.Option(help="What camera and person do, such as zoom in, nod.")
    ] = None,
    landmarks: Annotated[
        Path | None, typer.Option(help="JSON with the face's points, for animals and drawings.")
    ] = None,
    face: Annotated[int | None, typer.Option(help="Which of several faces; 0 is the largest.")] = None,
    size: Annotated[str | None, typer.Option(metavar="WxH", help="By default the portrait's own.")] = None,
    fit: Annotated[str | None, typer.Option(help="crop, or pad to show all of the portrait.")] = None,
    background: Annotated[
        str | None, typer.Option(help="What is beside it: blur, a colour as #20a0ff, or a picture's file.")
    ] = None,
    video_format: Annotated[
        str | None, typer.Option("--format", help="mp4, or with opacity prores4444 or vp9-alpha.")
    ] = None,
    fps: Annotated[float | None, typer.Option(help="Pictures a second.")] = None,
    seconds: Annotated[float | None, typer.Option(help="Make it at least so long.")] = None,
    title: Annotated[str | None, typer.Option(help="Names the video in lists, and its downloads.")] = None,
    metadata: MetadataOption = None,
    engine: Annotated[str | None, typer.Option(help="A video engine of `likeness engines`.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would run, and how long; make nothing.")
    ] = False,
    json_lines: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Make a talking video. Starts a stack for itself if none runs; Ctrl-C cancels the video."""
    from services.cli.connection import Target
    from services.cli.render_request import RenderRequest

    request = RenderRequest(
        script=read_script(script, script_file),
        image=image,
        avatar=avatar,
        audio=audio,
        transcript=transcript,
        language=language,
        reference=reference,
        voice=voice,
        speed=speed,
        pitch=pitch,
        formant=formant,
        emotion=emotion,
        effects=tuple(effect or ()),
        ssml=ssml,
        markup=markup,
        prompt=prompt,
        landmarks=read_landmarks(landmarks),
        face=face,
        fit=fit,
        background=background,
        video_format=video_format,
        strength=strength,
        size=size,
        fps=fps,
        seconds=seconds,
        engine=engine,
        title=title,
        metadata=pairs_of(metadata, "--metadata"),
    )
    target = Target(url, api_key, data_folder(data))
    if dry_run:
        print_estimate(estimate_of(request, target), as_json=json_lines)
    else:
        render_to_file(request, out, target, json_lines)


def estimate_of(request: "RenderRequest", target: "Target") -> dict[str, Any]:
    """Returns the gateway's estimate of the video."""
    from services.cli.connection import reach_or_start
    from services.cli.interrupt import run_interruptible
    from services.cli.render_request import check_request
    from services.cli.rendering import estimate

    async def reach_and_estimate() -> dict[str, Any]:
        async with reach_or_start(target, lambda note: print(note, file=sys.stderr)) as client:
            return await estimate(client, request)

    check_request(request)
    return run_interruptible(reach_and_estimate())


def render_to_file(
    request: "RenderRequest", out: Path | None, target: "Target", json_lines: bool
) -> "Rendered":
    """Renders into a file. Shows the progress, and at the end the path of the file."""
    from services.chassis.errors import LikenessError
    from services.cli.destination import STDOUT, check_destination
    from services.cli.interrupt import Interrupted, run_interruptible
    from services.cli.progress import JsonProgress, Rendered, human_progress
    from services.cli.render_request import check_request, file_for

    started = time.monotonic()
    progress = JsonProgress(sys.stdout, sys.stderr) if json_lines else human_progress()
    try:
        if json_lines and out == STDOUT:
            raise UsageError("--json and -o - both write to the standard output. Name a file with --out.")
        check_request(request)
        file = file_for(out, request.video_format)
        check_destination(file)
        with progress:
            video = run_interruptible(reach_and_render(request, file, target, progress))
    except (LikenessError, Interrupted) as exc:
        progress.ended(exc)
        raise
    rendered = Rendered(file, float(video["seconds"]), video["size"], round(time.monotonic() - started, 2))
    progress.finished(video, rendered)
    return rendered


async def reach_and_render(
    request: "RenderRequest", out: Path, target: "Target", observer: "JobObserver"
) -> "Job":
    from services.cli.connection import reach_or_start
    from services.cli.rendering import render as render_video

    async with reach_or_start(target, observer.note) as client:
        return await render_video(client, request, out, observer)


def read_script(script: str | None, script_file: Path | None) -> str | None:
    """Returns the text of the script. Raises UsageError if both are given, or if the file is no text."""
    if script_file is None:
        return script
    if script is not None:
        raise UsageError("Give either --script or --script-file, not both.")
    return text_in(script_file)


def text_in(file: Path) -> str:
    """Returns the text of a file, or of stdin for `-`. Raises UsageError if it is not UTF-8."""
    try:
        return bytes_in(file).decode("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else exc
        raise UsageError(f"Cannot read what is to be said from {file}: {reason}.") from exc


def bytes_in(file: Path) -> bytes:
    """Returns the content of a file, or of stdin for `-`."""
    return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()


def read_landmarks(path: Path | None) -> dict[str, Any] | None:
    """Returns the points of a JSON file, which the gateway checks.

    Raises UsageError if the file is no JSON object.
    """
    if path is None:
        return None
    try:
        points = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise UsageError(f"Cannot read the landmarks from {path}: {exc}") from exc
    if not isinstance(points, dict):
        raise UsageError(f'{path} should hold an object of points, such as {{"left_eye": [171, 114], …}}.')
    return cast(dict[str, Any], points)
