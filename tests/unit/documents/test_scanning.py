import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.documents.contents import MOST_BYTES
from shared.documents.scanning import Clamd, DocumentInfected, NoScanner, ScannerDown, scanner_at
from shared.settings import ServiceSettings, SettingsMissing
from shared.web.problems import status_of
from tests.support.clamd import EICAR, clamd


@pytest.fixture
def daemon() -> Iterator[Any]:
    with clamd() as server:
        yield server


class TestClamd:
    @pytest.mark.parametrize("size", [1, 262_144, 262_145, MOST_BYTES])
    def test_finds_a_document_clean(self, daemon: Any, size: int) -> None:
        """The whole of a document is sent, whatever its size, and is clean."""
        assert Clamd(daemon.address).scan(b"x" * size) == "clean"
        assert daemon.scanned == [size]

    def test_refuses_an_infected_document(self, daemon: Any) -> None:
        """The virus is named, in both languages."""
        with pytest.raises(DocumentInfected) as refusal:
            Clamd(daemon.address).scan(b"before " + EICAR)
        assert "Win.Test.EICAR_HDB-1" in refusal.value.says("en")
        assert "Win.Test.EICAR_HDB-1" in refusal.value.says("fr")
        assert status_of(DocumentInfected) == 422

    def test_on_a_local_socket(self, tmp_path: Path) -> None:
        """A daemon on the same machine is reached by the path of its socket."""
        with clamd(tmp_path / "clamd.ctl") as server:
            assert scanner_at(server.address).scan(b"text") == "clean"
            with pytest.raises(DocumentInfected):
                scanner_at(server.address).scan(EICAR)

    @pytest.mark.parametrize("mood", ["hangs-up", "babbles"])
    def test_that_makes_no_sense(self, daemon: Any, mood: str) -> None:
        """An answer that is neither clean nor infected says nothing of the document."""
        daemon.mood = mood
        with pytest.raises(ScannerDown):
            Clamd(daemon.address).scan(b"x" * 1_000_000)
        assert status_of(ScannerDown) == 503

    def test_that_reads_less(self, daemon: Any) -> None:
        """A daemon that takes only smaller documents has not scanned this one."""
        daemon.most_bytes = 1_000_000
        with pytest.raises(ScannerDown):
            Clamd(daemon.address).scan(b"x" * MOST_BYTES)

    def test_that_never_answers(self, daemon: Any) -> None:
        """The wait is bounded, over all steps together."""
        daemon.mood = "silent"
        started = time.monotonic()
        with pytest.raises(ScannerDown):
            Clamd(daemon.address, seconds=0.2).scan(b"text")
        assert time.monotonic() - started < 2

    def test_that_is_not_there(self, tmp_path: Path) -> None:
        """Nobody at the address is a scanner that is down."""
        with clamd() as server:
            address = server.address
        for each in (address, f"unix:{tmp_path / 'nothing'}"):
            with pytest.raises(ScannerDown):
                Clamd(each).scan(b"text")


class TestTheSetting:
    ENV = {  # noqa: RUF012  # never changed
        "JALON_MODE": "embedded",
        "JALON_DATABASE_URL": "postgresql+psycopg://x",
        "JALON_TRANSPORT": "postgres",
        "JALON_LOG_DATABASE_URL": "postgresql+psycopg://x",
        "JALON_JWT_ISSUER": "x",
        "JALON_JWKS_FILE": "x",
        "JALON_HTTP_PORT": "1",
    }

    def test_is_off_unless_it_is_said(self) -> None:
        """Without a daemon nothing is scanned, and that is what is said."""
        settings = ServiceSettings.from_env("intake", self.ENV)
        assert settings.clamd is None
        assert isinstance(scanner_at(settings.clamd), NoScanner)
        assert scanner_at(settings.clamd).scan(EICAR) == "not-scanned"

    @pytest.mark.parametrize("address", ["clamd:3310", "unix:/run/clamav/clamd.ctl"])
    def test_names_a_daemon(self, address: str) -> None:
        """A host and port, or the path of a local socket."""
        settings = ServiceSettings.from_env("intake", self.ENV | {"JALON_CLAMD": address})
        assert scanner_at(settings.clamd) == Clamd(address)

    @pytest.mark.parametrize("address", ["clamd", "clamd:", "unix:", ""])
    def test_that_names_nothing(self, address: str) -> None:
        """A process does not start with an address that it cannot reach."""
        with pytest.raises(SettingsMissing):
            ServiceSettings.from_env("intake", self.ENV | {"JALON_CLAMD": address})
