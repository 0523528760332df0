"""A lazy reference to an engine class, as registries list them."""

from dataclasses import dataclass

OWN_PACKAGE = "likeness"


@dataclass(frozen=True, slots=True)
class EngineEntry:
    """Names an engine class without importing it.

    `path` is `module:Class`, a class whose constructor takes no arguments. `extra` names the pip extra that
    brings what the module imports, `package` what to install it from. After `max_runs` requests the engine's
    process is replaced, because a library leaks; with 0 it is kept.
    """

    name: str
    path: str
    extra: str = ""
    package: str = OWN_PACKAGE
    max_runs: int = 0

    @property
    def install_command(self) -> str:
        """Returns the command that installs a missing module.

        What a built-in engine needs is in lock files: Likeness itself is in no registry.
        """
        if self.package == OWN_PACKAGE:
            lock = "pip install --no-deps --require-hashes -r requirements/base.lock"
            return "make voices" if self.extra else lock
        requirement = f"{self.package}[{self.extra}]" if self.extra else self.package
        return f"pip install '{requirement}'"
