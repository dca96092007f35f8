"""``jalon programme``: what is wrong with a file is said before anyone publishes it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from services.command_line import app
from services.intake.api.programme_schemas import programme_schema

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "deploy" / "programmes" / "IND-P2.json"
ACCEPTED = ROOT / "tests" / "programmes" / "IND-P2" / "accepted.json"
REFUSED = ROOT / "tests" / "programmes" / "IND-P2" / "refused.json"


def check(*arguments: Path | str) -> Result:
    words = ["programme", "check", *map(str, arguments)]
    return CliRunner().invoke(app, words, env={"COLUMNS": "200"})


def changed(file: Path, folder: Path, **changes: Any) -> Path:
    copy = folder / file.name
    copy.write_text(json.dumps(json.loads(file.read_text("utf-8")) | changes), "utf-8")
    return copy


def test_the_schema_is_printed() -> None:
    """`jalon programme schema` prints the JSON Schema, and nothing else."""
    done = CliRunner().invoke(app, ["programme", "schema"])
    assert json.loads(done.output) == programme_schema()


class TestChecking:
    def test_a_document_in_order_and_examples_as_expected(self) -> None:
        """Every reason of a refusal is told in both languages; the outcome is the expected one."""
        done = check(DOCUMENT, "--example", ACCEPTED, "--example", REFUSED)

        assert done.exit_code == 0, done.output
        assert "IND-P2: in order" in done.output
        assert "accepted.json: accepted" in done.output
        assert "is not for profit" in done.output
        assert "n’est pas à but lucratif" in done.output

    def test_an_example_with_another_outcome(self, tmp_path: Path) -> None:
        """One that says nothing of refusal is expected to be accepted: status 1 when it is not."""
        example = changed(REFUSED, tmp_path, refused_for=[])

        done = check(DOCUMENT, "--example", example)

        assert done.exit_code == 1
        assert "expected" in done.output

    def test_a_document_with_problems(self, tmp_path: Path) -> None:
        """All problems are told at once, each with its field: status 2."""
        document = changed(DOCUMENT, tmp_path, holdback_bp=10_001, indicators=["HAPPINESS"])

        done = check(document, "--json")

        assert done.exit_code == 2
        answer = json.loads(done.output)
        assert [problem["field"] for problem in answer["problems"]] == [
            "holdback_bp",
            "indicators[0]",
        ]
        assert all(problem["en"] and problem["fr"] for problem in answer["problems"])

    def test_an_example_as_json(self) -> None:
        """Programs read the same as people do."""
        answer = json.loads(check(DOCUMENT, "--example", ACCEPTED, "--json").output)

        assert answer["code"] == "IND-P2"
        [example] = answer["examples"]
        assert (example["accepted"], example["as_expected"]) == (True, True)

    @pytest.mark.parametrize("text", ["{", "[]", "\xff", '{"code": 1}'])
    def test_what_is_no_document(self, tmp_path: Path, text: str) -> None:
        """A file of another form is refused with the place, never with a trace."""
        file = tmp_path / "document.json"
        file.write_bytes(text.encode("latin-1"))

        done = check(file)

        assert done.exit_code == 2
        assert "not in order" in done.output

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"budget": {"costs": []}}, "budget.requests"),
            ({"consortium": [{"business_number": "1", "role": "lead"}]}, "$"),
            ({"colour": "blue"}, "colour"),
        ],
    )
    def test_what_is_no_example(self, tmp_path: Path, changes: dict[str, Any], field: str) -> None:
        """An example is what its applicant would send: anything else is told with its place."""
        answer = json.loads(
            check(DOCUMENT, "--example", changed(ACCEPTED, tmp_path, **changes), "--json").output
        )

        assert field in [problem["field"] for problem in answer["examples"][0]["problems"]]

    def test_a_step_that_the_domain_refuses(self, tmp_path: Path) -> None:
        """Registration, consortium and budget are judged as the service would judge them."""
        organisations = json.loads(ACCEPTED.read_text("utf-8"))["organisations"]
        organisations[0]["employees"] = -1
        example = changed(ACCEPTED, tmp_path, organisations=organisations)

        answer = json.loads(check(DOCUMENT, "--example", example, "--json").output)

        [reason] = answer["examples"][0]["reasons"]
        assert reason["field"] == "participants[0].employees"

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        """A wrong path is a sentence, too."""
        assert check(tmp_path / "nothing.json").exit_code == 2
