"""Conformance suite of video engines. Add an engine to `ENGINES` to run it through."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile  # pyright: ignore[reportMissingTypeStubs]
from PIL import Image

from services.chassis.engine_api.spec import Progress
from services.chassis.engine_api.timeline import SpeechTimeline, TimedPhoneme
from services.chassis.engine_api.video_format import VideoFormat
from services.chassis.errors import FaceNotFound, InvalidArgument, MediaUnreadable
from services.video.engines.protocol import (
    Box,
    FaceLandmarks,
    Fit,
    InspectedPortrait,
    Inspection,
    Piece,
    RenderedVideo,
    Rendering,
    VideoEngine,
)
from services.video.engines.puppet.engine import PuppetEngine
from services.video.engines.puppet.portrait.mediapipe_mesh import MediaPipeMesh
from tests.examples import CAT, CAT_LANDMARKS, PORTRAIT

ENGINES = [PuppetEngine]
SECONDS = 1.6
TIMELINE = SpeechTimeline(
    SECONDS, "en", (), (TimedPhoneme("m", 0.3, 0.5), TimedPhoneme("ɑ", 0.5, 1.0), TimedPhoneme("m", 1.0, 1.2))
)


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[VideoEngine]:
    made: VideoEngine = request.param()
    made.open()
    yield made
    made.close()


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Writes a tone where the timeline has sounds, and silence elsewhere."""
    rate = 16000
    time = np.arange(round(SECONDS * rate)) / rate
    voiced = (time > 0.3) & (time < 1.2)
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 140 * time) * voiced, rate)
    return path


@pytest.fixture
def rendering(tmp_path: Path, speech: Path) -> Rendering:
    return Rendering(PORTRAIT, tmp_path / "video.mp4", speech, TIMELINE, width=256, height=256)


def render(engine: VideoEngine, rendering: Rendering, **options: Any) -> RenderedVideo:
    *_, rendered = engine.render(replace(rendering, **options))
    assert isinstance(rendered, RenderedVideo)
    return rendered


def frames_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


@pytest.mark.parametrize("fps", [24.0, 25.0, 29.97, 60.0])
def test_the_video_is_as_long_as_the_speech(engine: VideoEngine, rendering: Rendering, fps: float) -> None:
    rendered = render(engine, rendering, fps=fps)
    assert rendered.frames == round(SECONDS * fps)
    assert len(frames_of(rendered.path)) == rendered.frames
    with av.open(str(rendered.path)) as container:
        assert float(container.streams.video[0].average_rate or 0) == pytest.approx(fps, rel=1e-3)


def test_the_video_is_silent_h264_in_yuv420p(engine: VideoEngine, rendering: Rendering) -> None:
    with av.open(str(render(engine, rendering).path)) as container:
        (stream,) = container.streams
        assert isinstance(stream, av.VideoStream)
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert container.format.name.startswith("mov,mp4")


@pytest.mark.parametrize("video_format", [VideoFormat.PRORES_4444, VideoFormat.VP9_ALPHA])
def test_an_overlay_shows_the_person_and_nothing_behind(
    engine: VideoEngine, rendering: Rendering, tmp_path: Path, video_format: VideoFormat
) -> None:
    output = tmp_path / f"overlay{video_format.suffix}"
    rendered = render(engine, rendering, format=video_format, output=output)
    opacities = opacities_of(rendered.path)
    assert rendered.format is video_format
    assert len(opacities) == rendered.frames == round(SECONDS * 25)
    for opacity in opacities[::10]:
        assert opacity[100:180, 110:150].min() > 0.98
        assert opacity[:40, 220:].max() < 0.02


def opacities_of(path: Path) -> list[np.ndarray]:
    """Returns the opacity of each frame, 0 to 1. FFmpeg's own VP9 decoder leaves the opacity out."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        vp9 = stream.codec_context.name == "vp9"
        decoder = av.CodecContext.create("libvpx-vp9", "r") if vp9 else stream.codec_context
        frames = [
            frame
            for packet in container.demux(stream)
            for frame in decoder.decode(packet)  # pyright: ignore[reportUnknownMemberType] - PyAV's stubs
        ]
    return [frame.reformat(format="bgra").to_ndarray()[:, :, 3] / 255 for frame in frames]


def test_an_overlay_of_a_person_that_cannot_be_cut_out_is_refused(
    engine: VideoEngine, rendering: Rendering
) -> None:
    with pytest.raises(InvalidArgument, match="transparent"):
        render(engine, rendering, portrait=CAT, landmarks=CAT_LANDMARKS, format=VideoFormat.PRORES_4444)
    with pytest.raises(InvalidArgument, match="transparent"):
        list(engine.inspect(cut_out(CAT, CAT_LANDMARKS, rendering)))
    (seen,) = engine.inspect(cut_out(PORTRAIT, None, rendering))
    assert seen.face is not None


def cut_out(portrait: Path, landmarks: FaceLandmarks | None, rendering: Rendering) -> Inspection:
    """Returns an inspection for an overlay, of the part of the portrait that the rendering shows.

    Whether there is a person depends on what is seen of the portrait.
    """
    width, height = rendering.width, rendering.height
    return Inspection(
        portrait, landmarks, width=width, height=height, fit=rendering.fit, format=VideoFormat.PRORES_4444
    )


def test_a_padded_portrait_has_the_background_beside_it_in_every_frame(
    engine: VideoEngine, rendering: Rendering
) -> None:
    frames = frames_of(
        render(engine, rendering, width=426, height=240, fit=Fit.PAD, background="#204080").path
    )
    for frame in frames:
        assert np.abs(frame[:, :100].astype(int) - (0x80, 0x40, 0x20)).max() < 12
        assert np.abs(frame[:, 330:].astype(int) - (0x80, 0x40, 0x20)).max() < 12


def test_a_face_is_chosen_by_its_number_or_by_a_box(
    engine: VideoEngine, rendering: Rendering, tmp_path: Path
) -> None:
    picture = Image.new("RGB", (900, 600), "grey")
    portrait = Image.open(PORTRAIT)
    picture.paste(portrait, (0, 0))
    picture.paste(portrait.resize((256, 300)), (600, 200))
    picture.save(tmp_path / "two.png")
    for choice, chin in ((None, (268, 334)), (1, (734, 367)), (Box(680, 260, 110, 120), (734, 367))):
        (seen,) = engine.inspect(Inspection(tmp_path / "two.png", face=choice))
        assert seen.face is not None and seen.face.chin == pytest.approx(chin, abs=10)
    with pytest.raises(FaceNotFound, match=r"0: .* 1: "):
        list(engine.inspect(Inspection(tmp_path / "two.png", face=2)))


@pytest.mark.parametrize(
    ("requested", "size"),
    [
        ((256, 256), (256, 256)),
        ((426, 240), (426, 240)),
        ((270, 480), (270, 480)),
        ((0, 0), (512, 600)),
        ((256, 0), (256, 300)),
    ],
)
def test_the_size_is_the_one_asked_for(
    engine: VideoEngine, rendering: Rendering, requested: tuple[int, int], size: tuple[int, int]
) -> None:
    rendered = render(engine, rendering, width=requested[0], height=requested[1])
    assert (rendered.width, rendered.height) == size
    assert frames_of(rendered.path)[0].shape == (size[1], size[0], 3)


def test_the_same_request_gives_the_same_frames(
    engine: VideoEngine, rendering: Rendering, tmp_path: Path
) -> None:
    first = frames_of(render(engine, rendering).path)
    again = frames_of(render(engine, rendering, output=tmp_path / "again.mp4").path)
    other = frames_of(render(engine, rendering, output=tmp_path / "other.mp4", seed=5).path)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("video_format", "least_psnr"), [(VideoFormat.MP4, 38.0), (VideoFormat.PRORES_4444, 80.0)]
)
def test_the_pieces_of_a_scene_show_the_frames_of_the_whole(
    engine: VideoEngine,
    rendering: Rendering,
    tmp_path: Path,
    video_format: VideoFormat,
    least_psnr: float,
) -> None:
    """Compares decoded frames: H.264 loses a little, and not the same in both; ProRes nearly nothing."""
    requires_pieces(engine)
    rendering = replace(rendering, format=video_format, output=tmp_path / f"whole{video_format.suffix}")
    whole = luma_of(render(engine, rendering).path)
    pieces = rendered_pieces(engine, rendering, 3, tmp_path)
    assert all(piece.frames for piece in pieces)
    joined = [frame for piece in pieces for frame in luma_of(piece.path)]
    assert len(joined) == len(whole) == sum(piece.frames for piece in pieces)
    for number, (mine, its) in enumerate(zip(joined, whole, strict=True)):
        assert psnr(mine, its) > least_psnr, number


def test_a_scene_with_fewer_frames_than_pieces_has_pieces_without_frames(
    engine: VideoEngine, rendering: Rendering, tmp_path: Path
) -> None:
    """A caller that divides a scene knows only about how long it will be."""
    requires_pieces(engine)
    soundfile.write(tmp_path / "click.wav", np.zeros(16), 16000)
    short = replace(rendering, speech=tmp_path / "click.wav", timeline=None)
    first, second, third = rendered_pieces(engine, short, 3, tmp_path)
    assert (first.frames, second.frames, third.frames) == (1, 0, 0)
    assert len(frames_of(first.path)) == 1
    assert second.path.read_bytes() == b"" and second.seconds == 0


def requires_pieces(engine: VideoEngine) -> None:
    if not engine.spec.limits.piece_megapixel_seconds:
        pytest.skip("renders scenes as a whole only")


def rendered_pieces(
    engine: VideoEngine, rendering: Rendering, count: int, folder: Path
) -> list[RenderedVideo]:
    suffix = rendering.format.suffix
    return [
        render(engine, rendering, piece=Piece(index, count), output=folder / f"piece-{index}{suffix}")
        for index in range(count)
    ]


def luma_of(path: Path) -> list[np.ndarray]:
    """Returns the brightness of each frame, from 0 to 255."""
    with av.open(str(path)) as container:
        frames = [frame.reformat(format="gray16le").to_ndarray() for frame in container.decode(video=0)]
    return [frame / np.float32(257) for frame in frames]


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Returns the ratio of peak to error in dB; infinity for equal pictures."""
    error = float(np.mean(np.square(one.astype(np.float64) - other)))
    return 10 * np.log10(255**2 / error) if error else np.inf


def test_min_seconds_lengthens_the_video_and_never_shortens_it(
    engine: VideoEngine, rendering: Rendering
) -> None:
    assert render(engine, rendering, min_seconds=2.0).frames == 50
    assert render(engine, rendering, min_seconds=0.5).frames == round(SECONDS * 25)


def test_the_shortest_speech_gives_one_frame(
    engine: VideoEngine, rendering: Rendering, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "click.wav", np.zeros(16), 16000)
    rendered = render(engine, rendering, speech=tmp_path / "click.wav", timeline=None)
    assert rendered.frames == 1
    assert len(frames_of(rendered.path)) == 1


def test_progress_never_falls_and_comes_often(engine: VideoEngine, rendering: Rendering) -> None:
    *items, rendered = engine.render(replace(rendering, min_seconds=4.0))
    assert isinstance(rendered, RenderedVideo)
    fractions = [item.fraction for item in items if isinstance(item, Progress)]
    assert len(fractions) == len(items)
    assert len(items) >= rendered.frames // 10
    assert fractions == sorted(fractions)
    assert min(fractions) >= 0
    assert max(fractions) <= 1


def test_a_picture_without_a_face_is_refused_with_advice(
    engine: VideoEngine, rendering: Rendering, tmp_path: Path
) -> None:
    Image.effect_noise((300, 300), 60).convert("RGB").save(tmp_path / "noise.png")
    for picture in (tmp_path / "noise.png", CAT):
        with pytest.raises(FaceNotFound, match="landmarks"):
            render(engine, rendering, portrait=picture)


def test_landmarks_make_any_picture_speak(engine: VideoEngine, rendering: Rendering) -> None:
    rendered = render(engine, rendering, portrait=CAT, landmarks=CAT_LANDMARKS, width=0, height=0)
    assert (rendered.width, rendered.height) == (452, 300)
    frames = frames_of(rendered.path)
    mouth = np.s_[262:299, 225:295]
    open_, closed = frames[19][mouth].mean(axis=2), frames[3][mouth].mean(axis=2)
    assert (open_ < 70).sum() > (closed < 70).sum() + 100


def test_a_portrait_can_be_rendered_with_the_landmarks_of_its_inspection(
    engine: VideoEngine, rendering: Rendering, tmp_path: Path
) -> None:
    (found,) = engine.inspect(Inspection(PORTRAIT))
    assert (found.width, found.height) == (512, 600)
    assert found.face is not None
    assert found.face.left_eye == pytest.approx((222, 188), abs=8)
    assert found.face.chin == pytest.approx((268, 334), abs=10)
    rendered = render(engine, rendering, landmarks=found.face)
    (again,) = engine.inspect(Inspection(PORTRAIT, found.face))
    assert rendered.frames == round(SECONDS * 25)
    assert again.face is not None
    assert again.face.chin == pytest.approx(found.face.chin, abs=5)


def test_an_inspection_refuses_what_a_rendering_would(engine: VideoEngine, tmp_path: Path) -> None:
    (tmp_path / "junk").write_bytes(b"no picture")
    with pytest.raises(MediaUnreadable):
        list(engine.inspect(Inspection(tmp_path / "junk")))
    with pytest.raises(FaceNotFound, match="landmarks"):
        list(engine.inspect(Inspection(CAT)))
    (guided,) = engine.inspect(Inspection(CAT, CAT_LANDMARKS))
    assert isinstance(guided, InspectedPortrait)
    assert guided.face is not None
    assert guided.face.chin == pytest.approx(CAT_LANDMARKS.chin, abs=1)


@pytest.mark.parametrize("content", [b"", b"this is neither a picture nor a sound"])
def test_junk_is_unreadable(
    engine: VideoEngine, rendering: Rendering, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "junk").write_bytes(content)
    with pytest.raises(MediaUnreadable):
        render(engine, rendering, portrait=tmp_path / "junk")
    with pytest.raises(MediaUnreadable):
        render(engine, rendering, speech=tmp_path / "junk")


@pytest.mark.parametrize(
    "options", [{"width": 255}, {"fps": 0.0}, {"fps": float("nan")}, {"min_seconds": 1e6}]
)
def test_a_request_outside_of_the_limits_is_refused(
    engine: VideoEngine, rendering: Rendering, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidArgument):
        render(engine, rendering, **options)


def test_an_abandoned_render_leaves_the_engine_usable(engine: VideoEngine, rendering: Rendering) -> None:
    abandoned = engine.render(rendering)
    assert isinstance(next(iter(abandoned)), Progress)
    del abandoned
    assert render(engine, rendering).frames == round(SECONDS * 25)


def test_an_engine_can_be_closed_and_opened_again(engine: VideoEngine, rendering: Rendering) -> None:
    engine.close()
    engine.open()
    assert render(engine, rendering).frames == round(SECONDS * 25)


def test_the_spec_describes_a_video_engine(engine: VideoEngine) -> None:
    assert engine.spec.service == "video" and engine.spec.name and engine.spec.version


def test_the_mouth_opens_in_a_and_closes_in_m(engine: VideoEngine, rendering: Rendering) -> None:
    """Measures the mouth by finding the face again in the frames."""
    frames = frames_of(render(engine, rendering, width=512, height=512).path)
    mesh = MediaPipeMesh()
    gaps = [lip_gap(mesh, frame) for frame in frames]
    mesh.close()
    silent, first_m, middle_of_a, second_m = gaps[2], gaps[10], gaps[19], gaps[27]
    assert middle_of_a > 0.05
    assert max(silent, first_m, second_m) < 0.015


def lip_gap(mesh: MediaPipeMesh, frame: np.ndarray) -> float:
    """Returns the gap between the lips in face heights."""
    face = mesh.faces(frame)[0]
    upper, lower = face.contour("inner_upper")[5], face.contour("inner_lower")[5]
    _, top, _, bottom = face.box
    return float(lower[1] - upper[1]) / (bottom - top)


def test_a_prompt_moves_the_camera_without_speech_and_unknown_words_are_reported(
    engine: VideoEngine, rendering: Rendering
) -> None:
    silent = replace(rendering, speech=None, timeline=None, min_seconds=2.0)
    frames = frames_of(render(engine, silent, prompt="zoom in while dancing").path)
    still = frames_of(render(engine, silent).path)
    corner = np.s_[200:, :60]
    assert len(frames) == 50
    assert np.abs(frames[-1][corner].astype(int) - frames[0][corner]).mean() > 5
    assert np.abs(still[-1][corner].astype(int) - still[0][corner]).mean() < 1
    (seen,) = engine.inspect(Inspection(PORTRAIT, prompt="zoom in while dancing"))
    assert seen.unknown_words == ("dancing",)
