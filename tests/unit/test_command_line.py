"""What a user can mend is said in a line, with a status that says that it failed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.command_line import app


@pytest.fixture
def anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which nothing ever ran."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestTokens:
    def test_they_are_for_this_machine_only(
        self, anywhere: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The development issuer refuses to start in production, and makes no key there."""
        monkeypatch.setenv("JALON_MODE", "production")

        done = CliRunner().invoke(app, ["token", "--role", "payer"])

        assert done.exit_code == 1
        assert "refuses to start in mode production" in done.output
        assert list(anywhere.iterdir()) == []


@pytest.mark.usefixtures("anywhere")
class TestRefusals:
    @pytest.mark.parametrize(
        ("command", "status", "says"),
        [
            (["tables", "--fiscal-year", "2024"], 1, "there is no data"),
            (["parked", "list", "claims"], 1, "there is no data"),
            (["rebuild", "claims.nothing"], 2, "claims has agreements"),
            (["rebuild", "nobody.ledger"], 2, "not a service: nobody"),
            (["migrate", "claims"], 2, "JALON_CLAIMS_OWNER_URL is not set"),
            (["topics"], 2, "JALON_KAFKA_BOOTSTRAP is not set"),
            (["serve", "nobody"], 2, "nobody"),
            (["tables", "--fiscal-year", "2024", "--basis", "hope"], 2, "hope"),
            (["tables", "--fiscal-year", "2024", "--as-of", "yesterday"], 2, "yesterday"),
        ],
    )
    def test_what_is_missing_is_named(self, command: list[str], status: int, says: str) -> None:
        """No trace of the code: what was wrong, and what would be right."""
        done = CliRunner().invoke(app, command, env={"COLUMNS": "200"})

        assert done.exit_code == status
        assert says in done.output

    def test_a_process_without_settings_does_not_start(self) -> None:
        """Every setting that is missing is named at once."""
        done = CliRunner().invoke(app, ["serve", "claims"], env={"JALON_MODE": "production"})

        assert done.exit_code == 1
        for name in ("JALON_DATABASE_URL", "JALON_JWT_ISSUER", "JALON_HTTP_PORT"):
            assert name in str(done.exception)

    def test_a_portfolio_that_does_not_fit_is_refused_with_every_place(
        self, anywhere: Path
    ) -> None:
        """Where and why, before anything is started."""
        file = anywhere / "portfolio.json"
        file.write_text(json.dumps({"fiscal_year": "next", "oops": 1}), encoding="utf-8")

        done = CliRunner().invoke(app, ["demo", "--once", "--portfolio", str(file)])

        assert done.exit_code == 2
        for place in ("$.fiscal_year", "$.oops", "$.plan"):
            assert place in done.output
