"""Runs the database of the local stack: PostgreSQL 18 on a unix socket that only its owner can reach.

The programs of the wheel are used directly. Its Python wrapper daemonises the server, which would then
outlive a killed stack, and opens every folder above the data to all users.
"""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from services.cli.errors import StackError
from services.cli.stack.process import ChildProcess, Command, as_user, die_with_parent, until_ready
from services.cli.stack.servers.account import adopt_folder, ensure_account, server_account
from services.cli.stack.servers.postgres_files import (
    MAJOR_VERSION,
    is_postgres_of,
    postgres_program,
    postmaster_pid,
    socket_folder,
)
from services.cli.stack.state import mark

START_SECONDS = 120.0
FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT
STOP_STEPS = ((FAST, 10.0), (IMMEDIATE, 5.0))
ROLE = DATABASE = "likeness"
OWNER_ROLE, APP_ROLE = "likeness_owner", "likeness_app"
"""The role that owns the tables and migrates them, and the gateway's, which reads and writes their rows."""
ROLES = f"""
CREATE ROLE {OWNER_ROLE} LOGIN;
CREATE ROLE {APP_ROLE} LOGIN;
ALTER DATABASE {DATABASE} OWNER TO {OWNER_ROLE};
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;
GRANT CONNECT ON DATABASE {DATABASE} TO {APP_ROLE};
ALTER SCHEMA public OWNER TO {OWNER_ROLE};
DO $$
DECLARE statement text;
BEGIN
    FOR statement IN
        SELECT format('ALTER TABLE %s OWNER TO {OWNER_ROLE}', oid::regclass)
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO {OWNER_ROLE}', oid::regprocedure)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL
        SELECT format('ALTER TYPE %s OWNER TO {OWNER_ROLE}', oid::regtype)
        FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
    LOOP EXECUTE statement; END LOOP;
END $$;
GRANT USAGE ON SCHEMA public TO {APP_ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER_ROLE} IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER_ROLE} IN SCHEMA public GRANT USAGE ON SEQUENCES TO {APP_ROLE};
"""
"""Run once, in a database that may have tables already: an older version had the superuser for everything."""
FRUGAL = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "50",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    "io_method": "sync",
    "jit": "off",
}
"""Settings for a machine that does other things as well."""


class PostgresServer:
    """A PostgreSQL server without a password: only its owner may enter the folder of its socket."""

    name = "postgres"

    def __init__(self, folder: Path, log: Path, settings: Mapping[str, str] = FRUGAL) -> None:
        self._folder = folder
        self._settings = settings
        self._log = log
        self._sockets = socket_folder(folder)
        self.ports: dict[str, int] = {}
        self.child = ChildProcess(self.name, self._command())

    @property
    def url(self) -> str:
        """The URL of the superuser."""
        return self.url_of(ROLE)

    def url_of(self, role: str) -> str:
        return f"postgresql://{role}@/{DATABASE}?host={quote(str(self._sockets))}"

    async def start(self) -> None:
        """Starts the server and returns once the database responds. Creates it at the first start."""
        account = server_account()
        await asyncio.to_thread(ensure_account, account)
        for folder in (self._folder.parent, self._sockets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        await self._end_predecessor()
        await self._create_cluster(account)
        for folder in (self._folder, self._sockets):
            adopt_folder(folder, account)
        await self.child.start()
        await until_ready(self.child, self._missing, START_SECONDS)
        await self._create_database()

    async def query(self, *statements: str) -> str | None:
        """Runs the statements in one transaction and returns their rows as text.

        Returns `None` if one of them fails, as all do before the database has its tables.
        """
        commands = [part for statement in statements for part in ("-c", statement)]
        status, output = await self._call("psql", *self._login, "-d", DATABASE, "-qtA1", *commands)
        return output if status == 0 else None

    async def stop(self) -> None:
        await self.child.stop(STOP_STEPS)
        if self.child.pid is not None:
            await asyncio.to_thread(shutil.rmtree, self._sockets, ignore_errors=True)

    def _command(self) -> Command:
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        return Command(
            argv=[postgres_program("postgres"), "-D", self._folder, "-k", self._sockets, *settings],
            environment=os.environ,
            log=self._log,
            user=server_account(),
            death_signal=FAST,
        )

    async def _create_cluster(self, account: str | None) -> None:
        """Creates the data folder, beside its place and then moved: a killed start leaves no half of one.

        Raises StackError if there is one of another version.
        """
        version = self._folder / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if found != MAJOR_VERSION:
                raise StackError(
                    f"{self._folder} is of PostgreSQL {found}, this one is {MAJOR_VERSION}. "
                    "Dump and reload it, or choose another folder with --data."
                )
            return
        draft = self._folder.with_name(f"{self._folder.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        adopt_folder(draft, account)
        await self._run(
            "initdb",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            f"--username={ROLE}",
            f"--pgdata={draft}",
            user=account,
        )
        draft.replace(self._folder)

    async def _create_database(self) -> None:
        """Creates the database and its roles unless they exist."""
        question = (
            f"SELECT datname FROM pg_database WHERE datname = '{DATABASE}' "
            f"UNION ALL SELECT rolname FROM pg_roles WHERE rolname = '{APP_ROLE}'"
        )
        found = await self._run("psql", *self._login, "-d", "postgres", "-tAc", question)
        if DATABASE not in found.split():
            await self._run("createdb", *self._login, DATABASE)
        if APP_ROLE not in found.split():
            await self._run("psql", *self._login, "-d", DATABASE, "-q", "-v", "ON_ERROR_STOP=1", "-c", ROLES)

    async def _missing(self) -> str | None:
        """Returns what is missing until the server accepts connections; `None` if it does."""
        status, output = await self._call("pg_isready", *self._login, "-d", "postgres")
        return None if status == 0 else output

    @property
    def _login(self) -> tuple[str, ...]:
        return ("-h", str(self._sockets), "-U", ROLE)

    async def _run(self, program: str, *arguments: str, user: str | None = None) -> str:
        status, output = await self._call(program, *arguments, user=user)
        if status != 0:
            raise StackError(f"{program} failed with status {status}:\n{output}")
        return output

    async def _call(self, program: str, *arguments: str, user: str | None = None) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            postgres_program(program),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
            **as_user(user),
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            await end_session(process)
            raise
        return process.returncode or 0, output.decode(errors="replace").strip()

    async def _end_predecessor(self) -> None:
        """Stops the server of a killed stack, which may still be running for a moment.

        Raises StackError if it does not end.
        """
        pid = postmaster_pid(self._folder)
        process = mark(pid) if pid is not None else None
        if process is None or not is_postgres_of(process.pid, self._folder):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, FAST)
        if not await asyncio.to_thread(process.wait_for_end, STOP_STEPS[0][1]):
            raise StackError(f"PostgreSQL process {process.pid} still holds {self._folder}; stop it by hand.")


async def end_session(process: asyncio.subprocess.Process) -> None:
    """Kills the process with all that it has started, and returns once the last of them has ended.

    `initdb` starts a server, which would go on writing to a folder that its caller then removes. All of them
    hold the end of one pipe, whose other end is `process.stdout`.
    """
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.communicate()
