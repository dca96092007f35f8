"""
Programme documents and worked examples as files: read, checked and tried before anyone publishes.

An example holds what its applicant would send, request by request; organisations are named by
business number, for their ids are not known before they are registered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError, model_validator

from services.intake.api.draft_schemas import BudgetIn, SubmissionIn
from services.intake.api.organisation_schemas import OrganisationIn
from services.intake.api.programme_schemas import ProgrammeIn
from services.intake.api.words import MOST_LINES, MOST_PARTICIPANTS, Name, Words
from services.intake.domain.definition import Definition, problems_of
from services.intake.domain.organisation import organisation_id_of, without_separators
from services.intake.use_cases.dry_run import APPLICATION, Example, Member, judge
from shared.kernel.refusals import Invalid, Reason
from shared.web.schemas import Request

JsonObject = dict[str, Any]

LARGEST_FILE = 2**20
"""Bytes; a form of thirty sections stays far below."""


class NotAsInTheSchema(Invalid):
    """The document has the form that its schema describes."""

    en = "This does not have the form that is asked for: {problem}."
    fr = "Ceci n’a pas la forme demandée\u00a0: {problem}."


class FileUnreadable(Invalid):
    """The file is JSON in UTF-8."""

    en = "{file} cannot be read as JSON: {problem}."
    fr = "{file} ne peut pas être lu comme du JSON\u00a0: {problem}."


class DocumentRefused(Exception):  # a refusal is a sentence, not an error
    """A file cannot be used; ``reasons`` says everything that is wrong with it."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(reason.en for reason in reasons))


class CallTimesIn(Request):
    """When the call takes applications."""

    opens_at: AwareDatetime
    closes_at: AwareDatetime | None = None


class FirstPageIn(Request):
    """The application as it is started."""

    title: Name
    starts_on: date
    ends_on: date
    lead: Name
    """The business number of the organisation that applies."""


class MemberIn(Request):
    """An organisation by its business number, and its role."""

    business_number: Name
    role: Name


class ExpectedReason(Request):
    """A reason for which the example is refused."""

    code: Name
    field: Name | None = None


class ExampleIn(Request):
    """A complete application, and what is to become of it."""

    about: Words
    """What the example shows."""
    call: CallTimesIn
    submitted_at: AwareDatetime
    organisations: Annotated[
        list[OrganisationIn], Field(min_length=1, max_length=MOST_PARTICIPANTS)
    ]
    application: FirstPageIn
    consortium: Annotated[list[MemberIn], Field(min_length=1, max_length=MOST_PARTICIPANTS)]
    budget: JsonObject
    """As ``PUT …/budget`` takes it, with business numbers."""
    sections: Annotated[dict[Name, JsonObject], Field(max_length=30)] = Field(default_factory=dict)
    """The answers of each section, by its code."""
    expectations: Annotated[list[JsonObject], Field(max_length=MOST_LINES)] = Field(
        default_factory=list
    )
    """As ``PUT …/expectations`` takes them, with business numbers."""
    documents: Annotated[list[Name], Field(max_length=40)] = Field(default_factory=list)
    """Kinds of the documents attached."""
    unconfirmed: Annotated[list[Name], Field(max_length=MOST_PARTICIPANTS)] = Field(
        default_factory=list
    )
    """Business numbers of participants that have not confirmed their part."""
    submission: SubmissionIn = SubmissionIn(certified=True)
    refused_for: Annotated[list[ExpectedReason], Field(max_length=100)] = Field(
        default_factory=list
    )
    """Every reason for which it is refused, in order; none: it is accepted."""

    @model_validator(mode="after")
    def _organisations_are_there(self) -> Self:
        known = {each.business_number for each in self.organisations}
        named = {each.business_number for each in self.consortium}
        if missing := {*named, self.application.lead} - known:
            raise ValueError(f"not among the organisations: {', '.join(sorted(missing))}")
        if self.application.lead not in named:
            raise ValueError(f"not in the consortium: {self.application.lead}")
        return self

    def to_use_case(self) -> Example:
        """As the dry run takes it. Raises ``ValidationError`` for a budget of another form."""
        profiles = {each.business_number: each.to_domain() for each in self.organisations}
        return Example(
            opens_at=self.call.opens_at,
            closes_at=self.call.closes_at,
            submitted_at=self.submitted_at,
            title=self.application.title,
            starts_on=self.application.starts_on,
            ends_on=self.application.ends_on,
            lead=profiles[self.application.lead].business_number,
            members=tuple(
                Member(profile=profiles[each.business_number], role=each.role)
                for each in self.consortium
            ),
            budget=BUDGET.validate_python(_by_id(self.budget)).to_domain(APPLICATION),
            answers=self.sections,
            documents=tuple(self.documents),
            unconfirmed=frozenset(without_separators(each) for each in self.unconfirmed),
            certified=self.submission.certified,
        )


BUDGET = TypeAdapter(BudgetIn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of an example in the dry run."""

    about: Words
    reasons: tuple[Reason, ...]
    """Every one for which it is refused; none: it is accepted."""
    expected: tuple[tuple[str, str | None], ...]
    """Codes and fields of the reasons that it was written to be refused for."""

    @property
    def accepted(self) -> bool:
        """Nothing speaks against it."""
        return not self.reasons

    @property
    def as_expected(self) -> bool:
        """It is accepted or refused for exactly the reasons it was written for."""
        return sorted(self.expected, key=str) == sorted(
            ((reason.code, reason.field) for reason in self.reasons), key=str
        )


def read_programme(file: Path) -> Definition:
    """A programme's document, in order. Raises ``DocumentRefused``."""
    definition: Definition = _read(file, TypeAdapter(ProgrammeIn)).to_domain()
    if reasons := problems_of(definition):
        raise DocumentRefused(reasons)
    return definition


def try_example(definition: Definition, file: Path) -> Verdict:
    """What would become of an example. Raises ``DocumentRefused`` when it is none."""
    example = _read(file, TypeAdapter(ExampleIn))
    try:
        reasons = judge(definition, example.to_use_case())
    except ValidationError as invalid:
        raise DocumentRefused(_reasons(invalid, "budget")) from invalid
    return Verdict(
        about=example.about,
        reasons=tuple(reasons),
        expected=tuple((each.code, each.field) for each in example.refused_for),
    )


def _read(file: Path, form: TypeAdapter[Any]) -> Any:
    try:
        with file.open("rb") as opened:
            text = opened.read(LARGEST_FILE + 1)
        if len(text) > LARGEST_FILE:
            raise ValueError(f"more than {LARGEST_FILE} bytes")  # noqa: TRY301  # one way out
        text.decode("utf-8")
    except (OSError, ValueError) as error:
        unreadable = FileUnreadable(file=file, problem=error)
        raise DocumentRefused([unreadable.as_reason()]) from error
    try:
        return form.validate_json(text)
    except ValidationError as invalid:
        raise DocumentRefused(_reasons(invalid)) from invalid


def _reasons(invalid: ValidationError, *before: str) -> list[Reason]:
    return [
        NotAsInTheSchema(
            problem=each["msg"], field=_path([*before, *each["loc"]]) or "$"
        ).as_reason()
        for each in invalid.errors(include_url=False, include_context=False)
    ]


def _path(location: Sequence[int | str]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _by_id(value: Any) -> Any:
    """The same JSON with ids of organisations where it has business numbers."""
    if isinstance(value, Mapping):
        return {
            "organisation_id" if name == "business_number" else name: str(
                organisation_id_of(without_separators(str(each)))
            )
            if name == "business_number"
            else _by_id(each)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_by_id(each) for each in value]
    return value
