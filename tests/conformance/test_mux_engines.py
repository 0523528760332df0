"""Conformance suite of mux engines. Add an engine to `ENGINES` to test it."""

import io
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import psutil
import pyloudnorm
import pytest
import soundfile
from numpy.typing import NDArray
from PIL import Image, ImageStat

from services.chassis.engine_api.spec import Progress
from services.chassis.engine_api.video_format import VideoFormat
from services.chassis.errors import InvalidArgument, MediaUnreadable
from services.mux.engines.ffmpeg.engine import FfmpegEngine
from services.mux.engines.protocol import (
    MAX_GAP_SECONDS,
    AssembledAudio,
    AssembledVideo,
    Assembly,
    AudioAssembly,
    AudioFormat,
    MuxEngine,
    SceneMedia,
)
from tests.examples import READER

ENGINES: list[Callable[[], MuxEngine]] = [FfmpegEngine]
RATE = 48_000
TARGET = -16.0
OVERLAYS = {
    VideoFormat.PRORES_4444: ("prores_ks", "yuva444p10le", {"profile": "4444", "alpha_bits": "16"}),
    VideoFormat.VP9_ALPHA: ("libvpx-vp9", "yuva420p", {"deadline": "realtime", "auto-alt-ref": "0"}),
}

ENCODERS = {VideoFormat.MP4: ("libx264", "yuv420p", {"preset": "veryfast"}), **OVERLAYS}


def level_of(number: int) -> int:
    """Returns the brightness of a frame; those of frames beside each other differ much."""
    return 30 + 67 * number % 200


def wav_of(samples: NDArray[np.float64]) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="WAV")
    return file.getvalue()


BLIP = wav_of(np.full(1, 0.5))
"""A recording of one sample."""


def opened(path: Path, mode: str = "r", **options: Any) -> Any:
    """Opens a container as `Any`: PyAV's types are incomplete where packets are concerned."""
    return cast(Any, av.open)(str(path), mode, **options)


@pytest.fixture(params=ENGINES, ids=lambda kind: kind.spec.name)
def engine(request: pytest.FixtureRequest) -> Iterator[MuxEngine]:
    engine = request.param()
    engine.open()
    yield engine
    engine.close()


@dataclass(frozen=True, slots=True)
class Folder:
    """Makes scenes in `root` and assembles them into `out`."""

    root: Path
    out: Path

    def picture(self, name: str, seconds: float, size: tuple[int, int] = (160, 120), fps: int = 25) -> Path:
        """Writes a video that is black for half a second, then a grey that grows brighter; with B-frames."""
        path = self.root / f"{name}.mp4"
        with opened(path, "w") as container:
            stream = container.add_stream("libx264", fps, {"preset": "veryfast"})
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            for index in range(round(seconds * fps)):
                level = 0 if index < fps / 2 else 60 + index % 150
                image = np.full((size[1], size[0], 3), level, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            container.mux(stream.encode())
        return path

    def overlay(self, name: str, seconds: float, video_format: VideoFormat) -> Path:
        """Writes a red overlay, opaque in the left half only, as the video service makes it."""
        path = self.root / f"{name}{video_format.suffix}"
        codec, pixels, options = OVERLAYS[video_format]
        image = np.zeros((96, 128, 4), np.uint8)
        image[:, :, 0], image[:, :64, 3] = 200, 255
        with opened(path, "w") as container:
            stream = container.add_stream(codec, 25, options)
            stream.width, stream.height, stream.pix_fmt = 128, 96, pixels
            for _ in range(round(seconds * 25)):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgba")))
            container.mux(stream.encode())
        return path

    def parts(
        self,
        lengths: Sequence[int],
        fps: float,
        video_format: VideoFormat = VideoFormat.MP4,
        **encoder_options: str,
    ) -> tuple[Path, ...]:
        """Writes one picture in parts with so many frames: each frame's brightness is that of its number."""
        codec, pixels, options = ENCODERS[video_format]
        options = {**options, **encoder_options}
        rate = Fraction(fps).limit_denominator(1001)
        number, paths = 0, list[Path]()
        for part, length in enumerate(lengths):
            paths.append(self.root / f"part-{part}{video_format.suffix}")
            if not length:
                paths[-1].touch()
                continue
            with opened(paths[-1], "w") as container:
                stream = container.add_stream(codec, rate, options)
                stream.width, stream.height, stream.pix_fmt = 64, 64, pixels
                for _ in range(length):
                    image = np.full((64, 64, 4), 255, np.uint8)
                    image[:, :, :3] = level_of(number)
                    container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgba")))
                    number += 1
                container.mux(stream.encode())
        return tuple(paths)

    def sound(self, name: str, samples: NDArray[np.floating], rate: int = 22_050) -> Path:
        path = self.root / f"{name}.wav"
        soundfile.write(path, samples, rate, subtype="PCM_16")
        return path

    def speech(self, name: str, seconds: float, gain: float = 1.0) -> Path:
        samples, rate = soundfile.read(READER, dtype="float32")
        return self.sound(name, samples[round(2 * rate) : round((2 + seconds) * rate)] * gain, rate)

    def beep(self, name: str, at: float, seconds: float) -> Path:
        times = np.arange(round(22_050 * seconds)) / 22_050
        return self.sound(
            name, np.where((times >= at) & (times < at + 0.5), 0.3 * np.sin(times * 2764.6), 0.0)
        )

    def assemble(
        self, engine: MuxEngine, *scenes: SceneMedia, **options: float | bool | str
    ) -> AssembledVideo:
        *progress, video = engine.assemble(Assembly(scenes, self.out, **options))  # pyright: ignore[reportArgumentType]
        assert isinstance(video, AssembledVideo)
        fractions = [item.fraction for item in progress if isinstance(item, Progress)]
        assert len(fractions) == len(progress) >= 3
        assert fractions == sorted(fractions) and fractions[-1] == 1.0
        return video

    def assemble_audio(
        self, engine: MuxEngine, *speeches: Path, format: AudioFormat = AudioFormat.WAV, **options: float
    ) -> AssembledAudio:
        *progress, made = engine.assemble_audio(AudioAssembly(speeches, self.out, format, **options))
        assert isinstance(made, AssembledAudio)
        fractions = [item.fraction for item in progress if isinstance(item, Progress)]
        assert len(fractions) == len(progress) >= 3
        assert fractions == sorted(fractions) and fractions[-1] == 1.0
        return made


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "out").mkdir()
    return Folder(tmp_path, tmp_path / "out")


def one_part(picture: Path, speech: Path | None = None) -> SceneMedia:
    return SceneMedia((picture,), speech)


def durations(path: Path) -> dict[str, float]:
    with av.open(str(path)) as container:
        return {s.type: float((s.duration or 0) * (s.time_base or 0)) for s in container.streams}


def heard(path: Path) -> NDArray[np.float32]:
    """Returns the samples of the file's audio, shape (n, channels)."""
    with av.open(str(path)) as container:
        return np.concatenate(
            [frame.to_ndarray().astype(np.float32).T for frame in container.decode(audio=0)]
        )


def loudness(samples: NDArray[np.float32]) -> float:
    meter = cast(Any, pyloudnorm.Meter(RATE))
    return float(meter.integrated_loudness(samples))


def onset(samples: NDArray[np.float32]) -> float:
    return float(np.flatnonzero(np.abs(samples).max(axis=1) > 0.05)[0]) / RATE


def frames(path: Path) -> list[tuple[int, int, float, float]]:
    """Returns width, height, time and brightness of every frame."""
    with av.open(str(path)) as container:
        return [
            (f.width, f.height, f.time or 0.0, float(f.to_ndarray(format="gray").mean()))
            for f in container.decode(video=0)
        ]


def opacities(path: Path) -> list[NDArray[np.uint8]]:
    """Returns the opacity of every frame; FFmpeg's own VP9 decoder would ignore it."""
    with opened(path) as container:
        stream = container.streams.video[0]
        vp9 = stream.codec_context.name == "vp9"
        decoder = cast(Any, av.CodecContext.create("libvpx-vp9", "r") if vp9 else stream.codec_context)
        found = [frame for packet in container.demux(stream) for frame in decoder.decode(packet)]
    pictures = [frame.reformat(format="rgba").to_ndarray() for frame in found]
    return [np.asarray(picture[:, :, 3], dtype=np.uint8) for picture in pictures]


def atoms(path: Path) -> list[bytes]:
    data, at = path.read_bytes(), 0
    names: list[bytes] = []
    while at < len(data):
        names.append(data[at + 4 : at + 8])
        at += int.from_bytes(data[at : at + 4], "big")
    return names


def assert_sound(video: AssembledVideo, seconds: float) -> None:
    streams = durations(video.video)
    assert set(streams) == {"video", "audio"}
    assert streams["video"] == pytest.approx(seconds, abs=0.05)
    assert streams["audio"] == pytest.approx(streams["video"], abs=0.1)
    assert durations(video.audio)["audio"] == pytest.approx(seconds, abs=0.1)
    assert video.seconds == pytest.approx(seconds, abs=0.05)


def test_one_scene_becomes_a_video(engine: MuxEngine, folder: Folder) -> None:
    speech = folder.speech("speech", 4)
    video = folder.assemble(engine, one_part(folder.picture("a", 4), speech))
    assert_sound(video, 4)
    with av.open(str(video.video)) as container:
        assert not {"creation_time", "encoder"} & set(container.metadata)
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert (picture.codec_context.name, picture.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (sound.codec_context.name, sound.rate, sound.channels) == ("aac", RATE, 2)
    for path in (video.video, video.audio):
        assert atoms(path).index(b"moov") < atoms(path).index(b"mdat")


@pytest.mark.parametrize("longer", [0.0, 0.6], ids=["copied", "encoded anew"])
@pytest.mark.parametrize(
    ("video_format", "audio_codec"), [(VideoFormat.PRORES_4444, "pcm_s16le"), (VideoFormat.VP9_ALPHA, "opus")]
)
def test_overlays_keep_their_opacity(
    engine: MuxEngine, folder: Folder, video_format: VideoFormat, audio_codec: str, longer: float
) -> None:
    scenes = [
        one_part(folder.overlay("a", 1, video_format), folder.speech("speech", 1 + longer)),
        one_part(folder.overlay("b", 0.6, video_format)),
    ]
    video = folder.assemble(engine, *scenes, format=video_format)
    assert (video.format, video.video.suffix) == (video_format, video_format.suffix)
    seen = opacities(video.video)
    assert len(seen) == round(25 * (1.6 + longer))
    for opacity in seen:
        assert opacity[:, :60].min() > 250 and opacity[:, 68:].max() < 5
    with av.open(str(video.video)) as container:
        assert container.streams.audio[0].codec_context.name == audio_codec
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert samples / RATE == pytest.approx(1.6 + longer, abs=0.1)
    with Image.open(video.thumbnail) as thumbnail:
        left, right = thumbnail.getpixel((30, 48)), thumbnail.getpixel((100, 48))
    assert left == pytest.approx((200, 0, 0), abs=40) and right == pytest.approx((255, 255, 255), abs=12)


def test_the_output_folder_has_only_the_results(engine: MuxEngine, folder: Folder) -> None:
    video = folder.assemble(engine, one_part(folder.picture("a", 1), folder.speech("speech", 1)))
    assert sorted(folder.out.iterdir()) == sorted([video.video, video.audio, video.thumbnail])


def test_pictures_of_one_format_are_not_encoded_again(engine: MuxEngine, folder: Folder) -> None:
    pictures = [folder.picture("a", 2), folder.picture("b", 1)]
    video = folder.assemble(engine, *(one_part(p) for p in pictures))
    with av.open(str(video.video)) as container:
        joined = [p.size for p in container.demux(video=0) if p.size]
    originals: list[int] = []
    for path in pictures:
        with av.open(str(path)) as container:
            originals += [p.size for p in container.demux(video=0) if p.size]
    # The first packet may carry parameter sets; all others are the same.
    differing = sum(a != b for a, b in zip(joined, originals, strict=True))
    assert differing <= len(pictures)


def test_ten_scenes_stay_in_sync(engine: MuxEngine, folder: Folder) -> None:
    lengths = [0.52 + 0.04 * n for n in range(10)]
    scenes = [
        one_part(folder.picture(f"p{n}", s), folder.beep(f"b{n}", 0.2, s - 0.02))
        for n, s in enumerate(lengths)
    ]
    video = folder.assemble(engine, *scenes)
    assert_sound(video, sum(lengths))
    last_scene = round(sum(lengths[:-1]) * RATE)
    assert onset(heard(video.video)[last_scene:]) == pytest.approx(0.2, abs=0.03)
    times = [time for _, _, time, _ in frames(video.video)]
    assert np.diff(times) == pytest.approx(0.04, abs=0.002)


def test_differing_sizes_and_rates_become_the_first_ones(engine: MuxEngine, folder: Folder) -> None:
    scenes = [
        one_part(folder.picture("a", 1, (160, 120), 25)),
        one_part(folder.picture("b", 1, (120, 160), 30)),
        one_part(folder.picture("c", 1, (320, 180), 25)),
    ]
    video = folder.assemble(engine, *scenes)
    assert_sound(video, 3)
    seen = frames(video.video)
    assert {(width, height) for width, height, _, _ in seen} == {(160, 120)}
    assert len(seen) == pytest.approx(75, abs=1)
    assert all(seen[at][3] < 30 < seen[at + 20][3] for at in (1, 26, 51))


@pytest.mark.parametrize("fps", [23.976, 25.0, 29.97])
@pytest.mark.parametrize("video_format", VideoFormat)
def test_the_parts_of_a_scene_are_joined_without_a_gap_or_a_drift(
    engine: MuxEngine, folder: Folder, video_format: VideoFormat, fps: float
) -> None:
    """Joins 40 parts of odd lengths, of which some have no frames, and a second scene of one part."""
    lengths = [0 if part % 13 == 12 else 1 + part * 7 % 11 for part in range(40)]
    count = sum(lengths)
    rate = Fraction(fps).limit_denominator(1001)
    long = SceneMedia(folder.parts(lengths, fps, video_format), folder.beep("a", 0.3, float(count / rate)))
    short = SceneMedia(long.parts[3:4], folder.beep("b", 0.2, 0.4))
    video = folder.assemble(engine, long, short, format=video_format)
    total = count + lengths[3]
    shown = timed_levels(video.video)
    assert len(shown) == total
    assert video.seconds == pytest.approx(float(total / rate), abs=1e-6)
    # Matroska's times are in whole milliseconds.
    tick = 0.0011 if video_format is VideoFormat.VP9_ALPHA else 0.0001
    times = [time for time, _ in shown]
    assert np.subtract(times, times[0]) == pytest.approx(np.arange(total) / float(rate), abs=tick)
    expected = [level_of(number) for number in range(count)]
    assert [level for _, level in shown[:count]] == pytest.approx(expected, abs=25)
    start = round(float(count / rate) * RATE)
    assert onset(heard(video.audio)[start:]) == pytest.approx(0.2, abs=0.03)


def timed_levels(path: Path) -> list[tuple[float, float]]:
    """Returns the time and the brightness of every frame, from 0 to 255."""
    with av.open(str(path)) as container:
        return [
            (frame.time or 0.0, float(frame.to_ndarray(format="gray").mean()))
            for frame in container.decode(video=0)
        ]


def test_the_frames_of_parts_are_not_encoded_again(engine: MuxEngine, folder: Folder) -> None:
    parts = folder.parts([9, 4, 0, 12], 25.0)
    video = folder.assemble(engine, SceneMedia(parts))
    assert packets(video.video)[1:9] == packets(parts[0])[1:]
    assert packets(video.video)[-11:] == packets(parts[3])[1:]


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


@pytest.mark.parametrize("shortest", [False, True])
def test_parts_are_encoded_anew_if_they_do_not_fit(engine: MuxEngine, folder: Folder, shortest: bool) -> None:
    seconds = 0.72 if shortest else 1.4
    scene = SceneMedia(folder.parts([10, 10, 5], 25.0), folder.beep("beep", 0.2, seconds))
    video = folder.assemble(engine, scene, one_part(folder.picture("b", 1)), shortest=shortest)
    shown = [level for _, level in timed_levels(video.video)]
    assert len(shown) == round(25 * (seconds + 1))
    expected = [level_of(min(number, 24)) for number in range(round(25 * seconds))]
    assert shown[: len(expected)] == pytest.approx(expected, abs=25)


def test_parts_of_differing_formats_are_refused(engine: MuxEngine, folder: Folder) -> None:
    mixed = SceneMedia((folder.picture("a", 1), folder.picture("b", 1, (80, 80))))
    with pytest.raises(MediaUnreadable, match=r"picture of scene 1, in part 2 of 2, .*another format"):
        folder.assemble(engine, mixed)


def test_parts_that_differ_in_their_parameter_sets_are_encoded_anew(
    engine: MuxEngine, folder: Folder
) -> None:
    """Such parts come from workers with different builds of the encoder, or from the cache."""
    here, other = Folder(folder.root / "here", folder.out), Folder(folder.root / "other", folder.out)
    for each in (here, other):
        each.root.mkdir()
    lengths = [9, 4, 12]
    parts = here.parts(lengths, 25.0)
    other_parts = other.parts(lengths, 25.0, bf="0", refs="1", coder="0")
    assert extradata(parts[1]) != extradata(other_parts[1])
    video = folder.assemble(engine, SceneMedia((parts[0], other_parts[1], parts[2])))
    shown = [level for _, level in timed_levels(video.video)]
    assert shown == pytest.approx([level_of(number) for number in range(25)], abs=25)


def extradata(path: Path) -> bytes:
    with opened(path) as container:
        return container.streams.video[0].codec_context.extradata


def test_a_scene_of_empty_parts_is_refused(engine: MuxEngine, folder: Folder) -> None:
    with pytest.raises(MediaUnreadable, match=r"picture of scene 1 .*no frames"):
        folder.assemble(engine, SceneMedia(folder.parts([0, 0], 25.0)))


@pytest.mark.parametrize("gain", [1.0, 0.02, 3.0], ids=["as-is", "quiet", "clipped"])
@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.5, 6.0])
def test_the_video_has_the_loudness_asked_for(
    engine: MuxEngine, folder: Folder, seconds: float, gain: float
) -> None:
    scene = one_part(folder.picture("a", seconds), folder.speech("speech", seconds, gain))
    samples = heard(folder.assemble(engine, scene).video)
    assert loudness(samples) == pytest.approx(TARGET, abs=1.0)
    assert peak_between_samples(samples) <= -1.4


def peak_between_samples(samples: NDArray[np.float32]) -> float:
    """Returns the true peak in dBTP, by four times oversampling."""
    spectrum = np.fft.rfft(samples, axis=0)
    finer = np.fft.irfft(spectrum, 4 * len(samples), axis=0) * 4
    return float(20 * np.log10(np.abs(finer).max()))


def test_speech_with_sharp_peaks_reaches_the_loudness(engine: MuxEngine, folder: Folder) -> None:
    samples, rate = soundfile.read(folder.speech("speech", 5, 0.05), dtype="float32")
    peaks = np.asarray(samples, np.float32)
    peaks[:: rate // 4] = 0.7
    scene = one_part(folder.picture("a", 5), folder.sound("peaks", peaks, rate))
    result = heard(folder.assemble(engine, scene).video)
    assert loudness(result) == pytest.approx(TARGET, abs=1.0)
    assert peak_between_samples(result) <= -1.4


def test_another_loudness_is_reached(engine: MuxEngine, folder: Folder) -> None:
    scene = one_part(folder.picture("a", 3), folder.speech("speech", 3))
    assert loudness(heard(folder.assemble(engine, scene, loudness_lufs=-23.0).video)) == pytest.approx(
        -23, abs=1
    )


def test_speech_too_short_to_be_metered_is_near_the_loudness(engine: MuxEngine, folder: Folder) -> None:
    scene = one_part(folder.picture("a", 0.24), folder.speech("speech", 0.24, 0.1))
    samples = heard(folder.assemble(engine, scene).video)
    assert loudness(np.tile(samples, (4, 1))) == pytest.approx(TARGET, abs=2.0)


def test_a_video_without_speech_is_silent(engine: MuxEngine, folder: Folder) -> None:
    video = folder.assemble(engine, one_part(folder.picture("a", 2)))
    assert_sound(video, 2)
    assert np.abs(heard(video.video)).max() < 1e-4


def test_speech_with_tags_that_are_not_utf_8_is_read(engine: MuxEngine, folder: Folder) -> None:
    speech = folder.speech("tagged", 1.0)
    artist = b"IART\6\0\0\0Bj\xf6rk\0"
    data = speech.read_bytes() + b"LIST" + (4 + len(artist)).to_bytes(4, "little") + b"INFO" + artist
    speech.write_bytes(data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:])
    video = folder.assemble(engine, one_part(folder.picture("a", 1), speech))
    assert_sound(video, 1)


def test_silent_speech_gives_a_silent_video(engine: MuxEngine, folder: Folder) -> None:
    silence = folder.sound("silence", np.zeros(22_050))
    video = folder.assemble(engine, one_part(folder.picture("a", 1), silence))
    assert_sound(video, 1)
    assert np.abs(heard(video.video)).max() < 1e-4


def test_a_silent_scene_between_two(engine: MuxEngine, folder: Folder) -> None:
    picture = folder.picture("a", 2)
    speech = folder.speech("speech", 2)
    scenes = [one_part(picture, speech), one_part(picture), one_part(picture, speech)]
    video = folder.assemble(engine, *scenes)
    assert_sound(video, 6)
    levels = [float(np.abs(part).mean()) for part in np.array_split(heard(video.video), 12)]
    assert max(levels[5:7]) < 1e-3 < min(levels[1], levels[9])


def test_speech_is_padded_to_the_end_of_its_picture(engine: MuxEngine, folder: Folder) -> None:
    picture = folder.picture("a", 3)
    scenes = [
        one_part(picture, folder.beep("one", 0.1, 1)),
        one_part(picture, folder.beep("two", 0.1, 1)),
    ]
    video = folder.assemble(engine, *scenes)
    assert_sound(video, 6)
    assert onset(heard(video.video)[2 * RATE :]) == pytest.approx(1.1, abs=0.02)


def test_speech_that_outlasts_its_picture_holds_the_last_frame(engine: MuxEngine, folder: Folder) -> None:
    scene = one_part(folder.picture("a", 1), folder.beep("late", 1.5, 2.4))
    video = folder.assemble(engine, scene)
    assert_sound(video, 2.4)
    assert onset(heard(video.video)) == pytest.approx(1.5, abs=0.02)
    brightness = [level for _, _, _, level in frames(video.video)]
    assert brightness[-1] == pytest.approx(brightness[26], abs=3)


@pytest.mark.parametrize(("picture", "speech"), [(3.0, 1.4), (1.4, 3.0)])
def test_shortest_ends_with_the_shorter(
    engine: MuxEngine, folder: Folder, picture: float, speech: float
) -> None:
    scene = one_part(folder.picture("a", picture), folder.beep("speech", 0.3, speech))
    video = folder.assemble(engine, scene, scene, shortest=True)
    assert_sound(video, 2.8)
    assert onset(heard(video.video)[round(1.4 * RATE) :]) == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("delay", [0.0, 0.25, -0.25])
def test_the_audio_is_delayed_against_the_picture(engine: MuxEngine, folder: Folder, delay: float) -> None:
    scene = one_part(folder.picture("a", 2), folder.beep("beep", 0.5, 2))
    video = folder.assemble(engine, scene, audio_delay_seconds=delay)
    assert_sound(video, 2)
    assert onset(heard(video.video)) == pytest.approx(0.5 + delay, abs=0.01)
    assert onset(heard(video.audio)) == pytest.approx(0.5 + delay, abs=0.01)


def test_thumbnail_shows_speech_and_is_not_black(engine: MuxEngine, folder: Folder) -> None:
    scene = one_part(folder.picture("a", 2), folder.beep("beep", 0.1, 2))
    with Image.open(folder.assemble(engine, scene).thumbnail) as image:
        assert (image.format, image.size) == ("JPEG", (160, 120))
        assert ImageStat.Stat(image.convert("L")).mean[0] > 30


def test_the_same_inputs_give_the_same_bytes(engine: MuxEngine, folder: Folder) -> None:
    again = folder.root / "again"
    again.mkdir()
    scenes = [
        one_part(folder.picture("a", 1), folder.speech("speech", 1)),
        one_part(folder.picture("b", 1, (80, 80))),
    ]
    one = folder.assemble(engine, *scenes)
    two = Folder(folder.root, again).assemble(engine, *scenes)
    for name in ("video", "audio", "thumbnail"):
        assert getattr(one, name).read_bytes() == getattr(two, name).read_bytes()


def test_folders_may_have_odd_names(engine: MuxEngine, tmp_path: Path) -> None:
    root = tmp_path / "it's 100% – 'fine': a\\b"
    (root / "out").mkdir(parents=True)
    folder = Folder(root, root / "out")
    assert_sound(folder.assemble(engine, one_part(folder.picture("-a'b", 1), folder.speech("s", 1))), 1)


def truncated(folder: Folder, picture: Path) -> bytes:
    """Returns a file with a complete index, but not all of the pictures that it lists."""
    whole = folder.root / "whole.mp4"
    with opened(picture) as source, opened(whole, "w", options={"movflags": "faststart"}) as to:
        stream = to.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                to.mux(packet)
    return whole.read_bytes()[:-200]


def spoilt(folder: Folder, how: str) -> SceneMedia:
    picture, speech = folder.picture("good", 1), folder.speech("good", 1)
    contents = {
        "junk": b"junk" * 500,
        "empty": b"",
        "blip": BLIP,
        "playlist": f"ffconcat version 1.0\nfile {picture.name}\n".encode(),
        "truncated": truncated(folder, picture),
    }
    damage, part = how.split()
    bad = folder.root / "bad"
    if damage in contents:
        bad.write_bytes(contents[damage])
    return one_part(picture, bad) if part == "speech" else one_part(bad, speech)


UNREADABLE = [f"{damage} {part}" for damage in ("junk", "empty", "missing") for part in ("picture", "speech")]


@pytest.mark.parametrize("how", [*UNREADABLE, "blip speech", "playlist picture", "truncated picture"])
def test_an_unreadable_scene_is_named_and_leaves_no_files(
    engine: MuxEngine, folder: Folder, how: str
) -> None:
    bad = spoilt(folder, how)
    good = one_part(folder.picture("fine", 1))
    with pytest.raises(MediaUnreadable, match=f"{how.split()[1]} of scene 2 "):
        list(engine.assemble(Assembly((good, bad), folder.out)))
    assert list(folder.out.iterdir()) == []


def test_an_abandoned_request_ends_its_processes_and_leaves_no_files(
    engine: MuxEngine, folder: Folder
) -> None:
    scenes = (one_part(folder.picture("a", 20, (640, 480))), one_part(folder.picture("b", 1)))
    before = set(psutil.Process().children(recursive=True))
    assembling = engine.assemble(Assembly(scenes, folder.out))
    children = next(
        found for _ in assembling if (found := set(psutil.Process().children(recursive=True)) - before)
    )
    cast(Generator[Any], assembling).close()
    assert psutil.wait_procs(children, timeout=10)[1] == []
    assert list(folder.out.iterdir()) == []


SLOW_ASSEMBLY = """
import sys
from pathlib import Path
from services.mux.engines.ffmpeg.engine import FfmpegEngine
from services.mux.engines.protocol import Assembly, SceneMedia

engine = FfmpegEngine()
engine.open()
scenes = tuple(SceneMedia((Path(path),)) for path in sys.argv[2:])
for item in engine.assemble(Assembly(scenes, Path(sys.argv[1]))):
    print(item, flush=True)
"""


def test_ffmpeg_dies_with_a_killed_engine_process(folder: Folder) -> None:
    pictures = [folder.picture("a", 60, (640, 480)), folder.picture("b", 1)]
    command = [sys.executable, "-c", SLOW_ASSEMBLY, str(folder.out), *map(str, pictures)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        running = psutil.Process(host.pid)
        children = next((found for _ in host.stdout if (found := running.children(recursive=True))), None)
        host.send_signal(signal.SIGKILL)
        host.wait()
        assert children, "the engine ran no process that could be left over"
        assert psutil.wait_procs(children, timeout=10)[1] == []


CODECS = {
    AudioFormat.MP3: ("mp3", "mp3float"),
    AudioFormat.M4A: ("mov,mp4,m4a,3gp,3g2,mj2", "aac"),
    AudioFormat.WAV: ("wav", "pcm_s16le"),
    AudioFormat.OPUS: ("ogg", "opus"),
    AudioFormat.FLAC: ("flac", "flac"),
}
FRAME_SECONDS = {
    AudioFormat.MP3: 1152 / RATE,
    AudioFormat.M4A: 1024 / RATE,
    AudioFormat.OPUS: 0.02,
    AudioFormat.WAV: 1 / RATE,
    AudioFormat.FLAC: 1 / RATE,
}


def listened(path: Path) -> NDArray[np.float32]:
    """Returns the samples of an audio file from -1 to 1, shape (n, 2), as players have them."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "stereo", RATE)
        frames = [each for frame in container.decode(audio=0) for each in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().astype(np.float32).T for frame in frames])


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_an_audio_file_has_the_codec_length_loudness_and_peak_asked_for(
    engine: MuxEngine, folder: Folder, audio_format: AudioFormat
) -> None:
    speeches = [folder.speech("a", 4.7), folder.speech("b", 3.1, 0.3)]
    made = folder.assemble_audio(engine, *speeches, format=audio_format, gap_seconds=0.3)
    assert (made.format, made.audio.suffix) == (audio_format, audio_format.suffix)
    assert list(folder.out.iterdir()) == [made.audio]
    with av.open(str(made.audio)) as container:
        sound = container.streams.audio[0]
        assert (container.format.name, sound.codec_context.name) == CODECS[audio_format]
        assert (sound.rate, sound.channels) == (RATE, 2)
        assert not {"creation_time", "encoder"} & set(container.metadata)
    samples = listened(made.audio)
    assert made.seconds == pytest.approx(4.7 + 0.3 + 3.1, abs=1e-4)
    assert len(samples) / RATE == pytest.approx(made.seconds, abs=FRAME_SECONDS[audio_format])
    assert loudness(samples) == pytest.approx(TARGET, abs=0.5)
    assert peak_between_samples(samples) <= -1.4


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_speeches_are_joined_with_the_gap_between_them(
    engine: MuxEngine, folder: Folder, audio_format: AudioFormat
) -> None:
    speeches = [folder.beep(f"b{n}", 0.2, 0.9) for n in range(3)]
    samples = listened(folder.assemble_audio(engine, *speeches, format=audio_format, gap_seconds=0.5).audio)
    for number in range(3):
        assert onset(samples[round(number * 1.4 * RATE) :]) == pytest.approx(0.2, abs=0.03)
    assert np.abs(samples[round(0.75 * RATE) : round(1.55 * RATE)]).max() < 0.01


def test_a_hundred_speeches_are_joined_to_the_sample(engine: MuxEngine, folder: Folder) -> None:
    speech = folder.sound("a", np.full(2_351, 0.1))
    made = folder.assemble_audio(engine, *[speech] * 100, gap_seconds=0.001)
    samples = listened(made.audio)
    assert len(samples) == round(100 * 2_351 / 22_050 * RATE) + 99 * 48
    assert made.seconds == len(samples) / RATE


def test_an_m4a_starts_with_its_index(engine: MuxEngine, folder: Folder) -> None:
    made = folder.assemble_audio(engine, folder.speech("a", 1), format=AudioFormat.M4A)
    assert atoms(made.audio).index(b"moov") < atoms(made.audio).index(b"mdat")


@pytest.mark.parametrize("gain", [1.0, 0.02, 3.0], ids=["as-is", "quiet", "clipped"])
@pytest.mark.parametrize("lufs", [-16.0, -23.0])
def test_an_audio_file_has_the_loudness_asked_for(
    engine: MuxEngine, folder: Folder, lufs: float, gain: float
) -> None:
    made = folder.assemble_audio(
        engine, folder.speech("a", 4, gain), format=AudioFormat.MP3, loudness_lufs=lufs
    )
    assert loudness(listened(made.audio)) == pytest.approx(lufs, abs=0.5)


@pytest.mark.parametrize("speech", [np.zeros(22_050), np.zeros(50)], ids=["silence", "an instant"])
def test_audio_of_silence_is_silent(engine: MuxEngine, folder: Folder, speech: NDArray[np.floating]) -> None:
    made = folder.assemble_audio(engine, folder.sound("silence", speech))
    assert np.abs(listened(made.audio)).max() < 1e-4


def test_speeches_of_any_rate_and_format_are_joined(engine: MuxEngine, folder: Folder) -> None:
    first = folder.assemble_audio(engine, folder.speech("a", 1), format=AudioFormat.MP3).audio
    first = first.rename(folder.root / "first.mp3")
    made = folder.assemble_audio(engine, first, folder.beep("b", 0.1, 1))
    assert made.seconds == pytest.approx(2, abs=1152 / RATE)


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_the_same_speeches_give_the_same_bytes(
    engine: MuxEngine, folder: Folder, audio_format: AudioFormat
) -> None:
    speech = folder.speech("a", 1)
    once = folder.assemble_audio(engine, speech, speech, format=audio_format).audio.read_bytes()
    assert folder.assemble_audio(engine, speech, speech, format=audio_format).audio.read_bytes() == once


@pytest.mark.parametrize("audio_format", [AudioFormat.MP3, AudioFormat.FLAC])
@pytest.mark.parametrize(
    "contents", [b"junk" * 500, b"", BLIP, None], ids=["junk", "empty", "blip", "missing"]
)
def test_an_unreadable_speech_is_named_and_leaves_no_files(
    engine: MuxEngine, folder: Folder, contents: bytes | None, audio_format: AudioFormat
) -> None:
    bad = folder.root / "bad"
    if contents is not None:
        bad.write_bytes(contents)
    request = AudioAssembly((folder.speech("good", 1), bad), folder.out, audio_format)
    with pytest.raises(MediaUnreadable, match=r"speech of scene 2 cannot be read: .*\. Give the speech"):
        list(engine.assemble_audio(request))
    assert list(folder.out.iterdir()) == []


def test_audio_of_no_speeches_is_refused(engine: MuxEngine, folder: Folder) -> None:
    with pytest.raises(InvalidArgument, match=r"no scenes to join\. Give at least one"):
        list(engine.assemble_audio(AudioAssembly((), folder.out, AudioFormat.MP3)))


@pytest.mark.parametrize("gap", [-0.1, MAX_GAP_SECONDS + 1, float("nan"), float("inf")])
def test_a_gap_out_of_range_is_refused(engine: MuxEngine, folder: Folder, gap: float) -> None:
    request = AudioAssembly((folder.speech("a", 1),), folder.out, AudioFormat.MP3, gap_seconds=gap)
    with pytest.raises(InvalidArgument, match=r"The gap between scenes cannot be .* Give 0 to 3600 s"):
        list(engine.assemble_audio(request))


def test_an_abandoned_audio_request_ends_its_processes_and_leaves_no_files(
    engine: MuxEngine, folder: Folder
) -> None:
    speech = folder.sound("long", np.zeros(22_050 * 600))
    before = set(psutil.Process().children(recursive=True))
    assembling = engine.assemble_audio(AudioAssembly((speech,), folder.out, AudioFormat.MP3))
    children = next(
        found for _ in assembling if (found := set(psutil.Process().children(recursive=True)) - before)
    )
    cast(Generator[Any], assembling).close()
    assert psutil.wait_procs(children, timeout=10)[1] == []
    assert list(folder.out.iterdir()) == []
