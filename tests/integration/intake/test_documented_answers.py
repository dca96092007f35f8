"""Intake answers as its OpenAPI document says, whatever is sent."""

from collections import Counter

from services.intake.domain.organisation import organisation_id_of
from shared.web.auth import OUTSIDE, ROLES
from tests.integration.intake.conftest import LEAD, Office
from tests.support.documented import fuzzed, operations


def test_every_answer_is_documented(office: Office, application_id: str, call_id: str) -> None:
    """No operation answers 5xx, or a status or a body that its document does not name."""
    lead = organisation_id_of(LEAD)
    tokens = [
        office.issuer.token("person-staff", sorted(ROLES - OUTSIDE), None),
        office.issuer.token("person-applicant", ["applicant"], lead),
    ]
    known = {
        "application_id": [application_id],
        "call_id": [call_id],
        "organisation_id": [str(lead)],
        "code": ["IND-P1"],
    }
    office.projector.catch_up()
    answers: Counter[int] = Counter()
    for operation in operations(office.client.app):
        answers += fuzzed(
            office.client,
            operation,
            callers=[{"Authorization": f"Bearer {token}"} for token in tokens],
            known=known,
            examples=30,
        )
    # Not only refusals were looked at.
    assert answers[200] + answers[201] > len(answers)
    assert {400, 403, 404, 409, 422} <= set(answers)
