"""A real PostgreSQL server for the tests, from the binaries of the system's packages, in a folder of its own."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

NOT_ROOT = ("postgres", "nobody")
"""Users to become where the tests run as root, whom PostgreSQL refuses."""


class NoServer(RuntimeError):
    """There is no PostgreSQL here; says why."""


def binaries() -> Path:
    """Return the folder of ``initdb`` and ``pg_ctl``, the newest version's; they are seldom on the path."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    folders += [path.parent for path in sorted(versions, key=lambda path: float(path.parts[4]), reverse=True)]
    for folder in folders:
        if (folder / "pg_ctl").is_file():
            return folder
    raise NoServer("no initdb was found: install postgresql, as make test does on Debian")


def as_owner(folder: Path) -> list[str]:
    """Return what to put before a command so that it does not run as root; gives the folder to that user."""
    if os.geteuid() != 0:
        return []
    known = {user.pw_name for user in pwd.getpwall()}
    name = next((name for name in NOT_ROOT if name in known), None)
    if name is None or shutil.which("runuser") is None:
        raise NoServer("there is no user but root that could run it")
    shutil.chown(folder, name)
    return ["runuser", "-u", name, "--"]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running_server(folder: Path) -> Iterator[str]:
    """Run a server that keeps its data in a folder; yields a URL whose last part, the data base, is ``postgres``."""
    tools, owner, port = binaries(), as_owner(folder), free_port()
    data = folder / "data"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"

    def call(*command: object) -> None:
        done = subprocess.run([*owner, *map(str, command)], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise NoServer(f"{command[0]} failed: {done.stdout[-400:]} {done.stderr[-400:]}")

    call(tools / "initdb", "-D", data, "-U", "reepi", "-A", "trust", "-E", "UTF8", "--no-sync")
    call(tools / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "-t", "60", "start")
    try:
        yield f"postgresql://reepi@127.0.0.1:{port}/postgres"
    finally:
        call(tools / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def fresh_database(server: str) -> str:
    """Return the URL of a new data base on a server."""
    import psycopg

    name = f"study_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.rsplit("/", 1)[0] + f"/{name}"
