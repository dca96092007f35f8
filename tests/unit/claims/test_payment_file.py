"""What the bank reads: checked against the official schema and read back."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files

import pytest
from pyiso20022.pain.pain_001_001_09 import Document
from xmlschema import XMLSchema
from xsdata.formats.dataclass.parsers import XmlParser

from services.claims.domain.bank_details import BankDetails
from services.claims.gateways.payment_file import FORMATS, Instruction, Order, as_csv, as_pain001
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money

OURS = BankDetails(institution="815", transit="30000", number="1112223", holder="Grappe Nordet")
ORDER = Order(
    run_id=derived_id("payment-run", "one"),
    written_at=datetime(2023, 7, 24, 17, 5, tzinfo=UTC),
    execution_on=date(2023, 7, 25),
    paid_from=OURS,
    instructions=[
        Instruction(
            payment_id=derived_id("payment", 1),
            amount=Money(162_00),
            to=BankDetails(
                institution="003", transit="12345", number="123456789012", holder="L’Étoile & fils"
            ),
            reference="claim 1",
        ),
        Instruction(
            payment_id=derived_id("payment", 2),
            amount=Money(1_234_567_89),
            to=BankDetails(institution="010", transit="00001", number="00012", holder="Nord inc."),
            reference="claim 2",
        ),
    ],
)


@pytest.fixture(scope="module")
def official() -> XMLSchema:
    """The schema that ISO 20022 publishes for pain.001.001.09."""
    return XMLSchema(str(files("sepaxml") / "schemas" / "pain.001.001.09.xsd"))


class TestPain001:
    def test_it_is_valid(self, official: XMLSchema) -> None:
        """The file is what ISO 20022 says a customer credit transfer initiation is."""
        official.validate(as_pain001(ORDER).decode())

    def test_it_says_what_leaves(self) -> None:
        """Read back, every payment has its amount, routing number, account and holder."""
        document = XmlParser().from_bytes(as_pain001(ORDER), Document)
        header = document.cstmr_cdt_trf_initn.grp_hdr
        (block,) = document.cstmr_cdt_trf_initn.pmt_inf
        assert (header.nb_of_txs, str(header.ctrl_sum)) == ("2", "1234729.89")
        assert str(block.reqd_exctn_dt.dt) == "2023-07-25"
        assert block.dbtr_agt.fin_instn_id.clr_sys_mmb_id.mmb_id == "081530000"
        assert [
            (
                str(each.amt.instd_amt.value),
                each.amt.instd_amt.ccy,
                each.cdtr_agt.fin_instn_id.clr_sys_mmb_id.clr_sys_id.cd,
                each.cdtr_agt.fin_instn_id.clr_sys_mmb_id.mmb_id,
                each.cdtr_acct.id.othr.id,
                each.cdtr.nm,
            )
            for each in block.cdt_trf_tx_inf
        ] == [
            ("162.00", "CAD", "CACPA", "000312345", "123456789012", "L’Étoile & fils"),
            ("1234567.89", "CAD", "CACPA", "001000001", "00012", "Nord inc."),
        ]

    def test_names_fit(self, official: XMLSchema) -> None:
        """Every id has at most the 35 characters that banks take, and the longest holder fits."""
        longest = replace(ORDER.instructions[0].to, holder="N" * 70)
        order = replace(ORDER, instructions=[replace(ORDER.instructions[0], to=longest)])
        official.validate(as_pain001(order).decode())


class TestCsv:
    def test_it_says_the_same(self) -> None:
        """One line per payment, with leading zeros kept."""
        rows = list(csv.DictReader(io.StringIO(as_csv(ORDER).decode())))
        assert [
            (row["institution"], row["transit"], row["account"], row["amount"], row["holder"])
            for row in rows
        ] == [
            ("003", "12345", "123456789012", "162.00", "L’Étoile & fils"),
            ("010", "00001", "00012", "1234567.89", "Nord inc."),
        ]
        assert {row["execution_on"] for row in rows} == {"2023-07-25"}


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_payments_give_the_same_bytes(name: str) -> None:
    """A file can be made again and known by its hash; another amount is another file."""
    write = FORMATS[name].write
    assert write(ORDER) == write(replace(ORDER))
    other = replace(ORDER.instructions[0], amount=Money(162_01))
    assert write(ORDER) != write(replace(ORDER, instructions=[other, ORDER.instructions[1]]))
