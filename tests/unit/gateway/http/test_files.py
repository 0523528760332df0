"""Names of downloaded files, made from titles that may contain anything."""

import pytest

from services.gateway.http.files import MAX_NAME_BYTES, safe_name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Spring", "Spring.mp4"),
        ("Version 1.2 final", "Version 1.2 final.mp4"),
        ("film.mp4", "film.mp4"),
        ("FILM.MP4", "FILM.MP4"),
        ("Frühling 春", "Frühling 春.mp4"),
        ("e\u0301", "é.mp4"),
        ("../../etc/passwd", "etc passwd.mp4"),
        ("C:\\Windows\\x", "C Windows x.mp4"),
        ('a"b<c>d|e?f*g:h', "a b c d e f g h.mp4"),
        ("line\r\nSet-Cookie: a=b", "line Set-Cookie a=b.mp4"),
        ("gnp.\u202eexe", "gnp.exe.mp4"),
        ("a\x00b\x7fc\u200bd", "abcd.mp4"),
        ("\ud800x", "x.mp4"),
        (" . hidden . ", "hidden.mp4"),
        ("con", "_con.mp4"),
        ("LPT1.txt", "_LPT1.txt.mp4"),
        ("x" * 300, "x" * MAX_NAME_BYTES + ".mp4"),
        ("春" * 100, "春" * (MAX_NAME_BYTES // 3) + ".mp4"),
        ("film.m4v", "film.m4v"),
        ("...", "video_1.mp4"),
        ("?!", "video_1.mp4"),
        ("", "video_1.mp4"),
        (None, "video_1.mp4"),
    ],
)
def test_a_title_becomes_a_safe_file_name(title: str | None, name: str):
    assert safe_name(title, ".mp4", fallback="video_1") == name


@pytest.mark.parametrize(
    ("title", "suffix", "name"),
    [
        ("portrait.jpeg", ".jpg", "portrait.jpeg"),
        ("Portrait.JPEG", ".jpg", "Portrait.JPEG"),
        ("voice.opus", ".ogg", "voice.opus"),
        ("voice.ogg", ".opus", "voice.ogg"),
        ("clip.qt", ".mov", "clip.qt"),
        ("portrait.jpeg", ".png", "portrait.jpeg.png"),
    ],
)
def test_a_name_keeps_any_suffix_of_its_media_type(title: str, suffix: str, name: str):
    assert safe_name(title, suffix, fallback="asset_1") == name
