"""Holds what an operator allows the child processes of engines, and builds their environment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.chassis.models.cache import CACHE_VARIABLE, cache_folder

_PASSED = frozenset(
    {
        "PATH",
        "LANG",
        "LANGUAGE",
        "TZ",
        "LD_LIBRARY_PATH",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "IMAGEIO_FFMPEG_EXE",
    }
)
_PASSED_PREFIXES = (
    "LC_",
    "PYTHON",
    "CUDA_",
    "NVIDIA_",
    "ROCM_",
    "HIP_",
    "HSA_",
    "HF_",
    "TRANSFORMERS_",
    "TORCH",
    "PYTORCH_",
    "TOKENIZERS_",
    "TF_",
    "ORT_",
    "OPENCV_",
    "OMP_",
    "OPENBLAS_",
    "MKL_",
    "NUMEXPR_",
)
_PASSED_WITH_NETWORK = frozenset(
    {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}
)
_TOKENIZERS = "TOKENIZERS_"
"""A prefix with one of the parts of secrets in it, for a library without any."""
_SECRET_PARTS = ("TOKEN", "SECRET", "PASSWORD", "KEY", "CREDENTIAL")


@dataclass(frozen=True, slots=True)
class ChildSettings:
    """Settings of the child processes of engines.

    They write in `scratch` and `writable`, and read `readable` beside code and the system's libraries.
    `memory_mb` replaces the bound of the engine's spec; 0 keeps it. `variables` are names of environment
    variables that they get beside those that all do. `network` lets them open connections, and passes the
    variables of proxies.
    """

    scratch: Path
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    memory_mb: int = 0
    variables: frozenset[str] = frozenset()
    network: bool = False

    @property
    def home(self) -> Path:
        """Returns the folder that engines find as their home and for temporary files."""
        return self.scratch / "home"

    def environment(self, worker: Mapping[str, str]) -> dict[str, str]:
        """Returns the child's variables: no key or address of a worker's is among them unless it is named."""
        passed = {name: value for name, value in worker.items() if self._passes(name)}
        # By default the folder of models is below the worker's home, which is not the engine's.
        models = {CACHE_VARIABLE: str(cache_folder(worker))}
        return passed | models | {"HOME": str(self.home), "TMPDIR": str(self.home)}

    def _passes(self, name: str) -> bool:
        if name in self.variables or _is_passed(name):
            return True
        return self.network and name.upper() in _PASSED_WITH_NETWORK

    def to_json(self) -> str:
        """Returns what the child needs of this for its command line."""
        return json.dumps(
            {
                "scratch": str(self.scratch),
                "readable": list(map(str, self.readable)),
                "writable": list(map(str, self.writable)),
                "memory_mb": self.memory_mb,
                "network": self.network,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "ChildSettings":
        found = json.loads(text)
        return cls(
            scratch=Path(found["scratch"]),
            readable=tuple(map(Path, found["readable"])),
            writable=tuple(map(Path, found["writable"])),
            memory_mb=found["memory_mb"],
            network=found["network"],
        )


def _is_passed(name: str) -> bool:
    if any(part in name.upper().removeprefix(_TOKENIZERS) for part in _SECRET_PARTS):
        return False
    return name in _PASSED or name.startswith(_PASSED_PREFIXES)
