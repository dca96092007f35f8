"""What was published stays readable."""

import json

import pytest

from shared.contracts.base import Contract
from tests.contracts.snapshots import FOLDER, breaking_changes, contracts, schema, snapshot_file


class TestPromises:
    @pytest.mark.parametrize("contract", contracts(), ids=lambda each: each.contract_type)
    def test_a_contract_is_what_its_snapshot_says(self, contract: type[Contract]) -> None:
        """A change of a contract shows in review as a change of its snapshot."""
        kept = json.loads(snapshot_file(contract).read_text("utf-8"))
        assert schema(contract) == kept

    def test_no_promise_is_dropped(self) -> None:
        """A snapshot without its contract is a promise that nobody keeps."""
        kept = {path.stem for path in FOLDER.glob("*.json")}
        assert kept == {each.contract_type for each in contracts()}

    @pytest.mark.parametrize("contract", contracts(), ids=lambda each: each.contract_type)
    def test_a_type_names_publisher_and_version(self, contract: type[Contract]) -> None:
        """``service.what-happened.v1``: the publisher is the module it is declared in."""
        service, _, version = contract.contract_type.split(".")
        assert contract.__module__ == f"shared.contracts.{service}"
        assert version[0] == "v"
        assert version[1:].isdigit()


class TestTheGate:
    OLD = {  # noqa: RUF012  # read only
        "type": "object",
        "properties": {"cents": {"type": "integer"}, "quarter": {"type": "string"}},
        "required": ["cents"],
    }

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"properties": {"quarter": {"type": "string"}}}, "/properties/cents is gone"),
            (
                {"properties": {"cents": {"type": "number"}, "quarter": {"type": "string"}}},
                "/properties/cents/type: 'integer' became 'number'",
            ),
            ({"required": []}, ": cents may now be missing"),
        ],
    )
    def test_a_breaking_change_is_named(self, change: dict[str, object], says: str) -> None:
        """What a reader could no longer rely on is found."""
        assert says in breaking_changes(self.OLD, self.OLD | change)

    def test_a_new_field_breaks_nobody(self) -> None:
        """Readers ignore what they do not know."""
        grown = self.OLD | {
            "properties": {**self.OLD["properties"], "reason": {"type": "string"}},
            "required": ["cents", "reason"],
        }
        assert breaking_changes(self.OLD, grown) == []
