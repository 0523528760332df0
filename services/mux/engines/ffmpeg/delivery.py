"""Codecs, filters and containers of each video format, as ffmpeg's arguments."""

from dataclasses import dataclass

from services.chassis.engine_api.video_format import VideoFormat

# x264's output depends on its number of threads: a fixed one gives the same bytes on any machine.
ENCODER_THREADS = 4
FAST_START = ("-movflags", "+faststart")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Arguments for one video format: what is copied into it, and how other pictures are encoded.

    Pictures are copied if they are `codec` and `decoded_as`, by FFmpeg's names. `decoder` reads all that
    pictures have; `pixels` is the format between the filters and the `encoder`; `behind` is the colour beside
    a picture of another shape; `finish` closes the file that is delivered.
    """

    codec: str
    decoded_as: str
    decoder: tuple[str, ...]
    pixels: str
    behind: str
    encoder: tuple[str, ...]
    audio: tuple[str, ...]
    container: str
    finish: tuple[str, ...]


DELIVERIES = {
    VideoFormat.MP4: Delivery(
        codec="h264",
        decoded_as="yuv420p",
        decoder=(),
        pixels="yuv420p",
        behind="black",
        encoder=("libx264", "-preset", "veryfast", "-crf", "18", "-threads", str(ENCODER_THREADS)),
        audio=("copy",),
        container="mp4",
        finish=FAST_START,
    ),
    VideoFormat.PRORES_4444: Delivery(
        codec="prores",
        decoded_as="yuva444p12le",
        decoder=(),
        pixels="yuva444p10le",
        behind="black@0",
        encoder=("prores_ks", "-profile:v", "4444", "-alpha_bits", "16", "-vendor", "apl0"),
        audio=("pcm_s16le",),
        container="mov",
        finish=FAST_START,
    ),
    VideoFormat.VP9_ALPHA: Delivery(
        codec="vp9",
        decoded_as="yuv420p",
        # FFmpeg's own decoder ignores the opacity.
        decoder=("-c:v", "libvpx-vp9"),
        pixels="yuva420p",
        behind="black@0",
        encoder=(
            *("libvpx-vp9", "-crf", "22", "-b:v", "0", "-deadline", "realtime", "-cpu-used", "6"),
            *("-auto-alt-ref", "0", "-threads", str(ENCODER_THREADS)),
        ),
        audio=("libopus", "-b:a", "128k"),
        container="webm",
        finish=("-metadata:s:v:0", "alpha_mode=1", "-cues_to_front", "1"),
    ),
}
