"""On what a figure was measured: without that it says nothing to anybody else."""

import json
import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import URL, create_engine, text

from deploy.kafka import KAFKA_VERSION

PYTHON_PACKAGES = (
    "eventsourcing", "fastapi", "kafka-python", "msgspec", "psycopg", "pydantic", "sqlalchemy",
    "uvicorn",
)  # fmt: skip
NODE_LOCK = Path(__file__).parent / "peers" / "package-lock.json"
SETTINGS = ("fsync", "synchronous_commit", "shared_buffers", "max_wal_size", "wal_compression")


def facts(server: URL | None) -> dict[str, Any]:
    """What this machine and the measured software are; ``server`` where one was started."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "load_average": round(os.getloadavg()[0], 2),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "kafka": KAFKA_VERSION,
        "node": _node(),
        "packages": _python_packages() | _node_packages(),
        **({"postgresql": _postgresql(server)} if server is not None else {}),
    }


def _python_packages() -> dict[str, str]:
    found = {}
    for name in PYTHON_PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _node() -> str:
    if shutil.which("node") is None:
        return "none"
    return subprocess.run(
        ["node", "--version"], check=True, capture_output=True, text=True
    ).stdout.strip()


def _node_packages() -> dict[str, str]:
    if not NODE_LOCK.exists():
        return {}
    lock = json.loads(NODE_LOCK.read_text("utf-8"))["packages"]
    wanted = lock[""].get("dependencies", {})
    return {name: lock[f"node_modules/{name}"]["version"] for name in wanted}


def _postgresql(server: URL) -> dict[str, str]:
    """Its version, and the settings on which waiting for the disk depends."""
    engine = create_engine(server)
    try:
        with engine.connect() as connection:
            names = ("server_version", *SETTINGS)
            return {
                name: str(connection.execute(text(f"SHOW {name}")).scalar_one()) for name in names
            }
    finally:
        engine.dispose()
