"""The programmes that come along: documents in order, tried on worked examples."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from services.intake.api.programme_check import (
    ExampleIn,
    Verdict,
    read_programme,
    try_example,
)
from services.intake.api.programme_schemas import programme_schema

ROOT = Path(__file__).parents[3]
DOCUMENTS = ROOT / "deploy" / "programmes"
EXAMPLES = ROOT / "tests" / "programmes"
SCHEMA = ROOT / "docs" / "schemas" / "programme.schema.json"
CODES = (
    "CHAIRS",
    "FIRST-CLIENT",
    "HEALTH",
    "IND-P1",
    "IND-P2",
    "SME-SCALE",
    "STEM",
    "TRAINING",
)
OPEN = tuple(code for code in CODES if code != "CHAIRS")
"""Chairs take no new applications: there is no example of one that is accepted."""


def document(code: str) -> Path:
    return DOCUMENTS / f"{code}.json"


def tried(code: str, outcome: str) -> Verdict:
    return try_example(read_programme(document(code)), EXAMPLES / code / f"{outcome}.json")


class TestTheSchema:
    def test_is_fresh(self) -> None:
        """The published schema is the one of the code: `jalon programme schema` prints it."""
        assert json.loads(SCHEMA.read_text("utf-8")) == programme_schema()

    def test_is_json_schema(self) -> None:
        """It follows JSON Schema 2020-12."""
        Draft202012Validator.check_schema(programme_schema())

    def test_a_form_that_is_no_schema_does_not_fit(self) -> None:
        """What a section asks is checked by the schema of schemas too."""
        bad = json.loads(document("STEM").read_text("utf-8"))
        bad["sections"][0]["schema"]["type"] = "strange"
        assert not Draft202012Validator(programme_schema()).is_valid(bad)


class TestTheDocuments:
    def test_are_all_there(self) -> None:
        """There is one document for each programme of the plan."""
        assert tuple(sorted(path.stem for path in DOCUMENTS.glob("*.json"))) == CODES

    @pytest.mark.parametrize("code", CODES)
    def test_fit_the_schema_and_the_domain(self, code: str) -> None:
        """A document fits the published schema, makes sense, and is named by its code."""
        Draft202012Validator(programme_schema()).validate(json.loads(document(code).read_bytes()))
        assert read_programme(document(code)).code == code


class TestTheExamples:
    def test_are_all_there(self) -> None:
        """Each programme has one that is refused, each that takes applications an accepted one."""
        found = {(path.parent.name, path.stem) for path in EXAMPLES.glob("*/*.json")}
        assert found == {(code, "refused") for code in CODES} | {
            (code, "accepted") for code in OPEN
        }

    @pytest.mark.parametrize("code", OPEN)
    def test_accepted(self, code: str) -> None:
        """A complete application under the programme's rules is accepted."""
        assert tried(code, "accepted").reasons == ()

    @pytest.mark.parametrize("code", CODES)
    def test_refused(self, code: str) -> None:
        """An application that breaks rules is refused for exactly the reasons in its file."""
        verdict = tried(code, "refused")
        assert not verdict.accepted
        assert verdict.as_expected, verdict.reasons
        assert all(reason.en and reason.fr for reason in verdict.reasons)

    @pytest.mark.parametrize("code", OPEN)
    def test_answer_all_that_is_asked(self, code: str) -> None:
        """The answers of an accepted application fit the sections of its programme."""
        definition = read_programme(document(code))
        text = (EXAMPLES / code / "accepted.json").read_text("utf-8")
        answers = ExampleIn.model_validate_json(text).sections
        assert set(answers) == {section.code for section in definition.sections}
        for section in definition.sections:
            Draft202012Validator(section.schema).validate(answers[section.code])
