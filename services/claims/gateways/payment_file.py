"""
The file that tells the bank what to pay: ISO 20022 pain.001.001.09, or CSV.

The same payments give the same bytes. Accounts are Canadian: agents are named by the routing number
of the Canadian payments clearing system (external code ``CACPA``), accounts by their own numbers.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from pyiso20022.pain import pain_001_001_09 as pain
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDate, XmlDateTime

from services.claims.domain.bank_details import BankDetails
from shared.kernel.money import Money, total

CANADIAN_CLEARING = "CACPA"
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One payment to one account."""

    payment_id: UUID
    amount: Money
    to: BankDetails
    reference: str
    """What the recipient reads: at most 140 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """All payments of one run, from one account on one day."""

    run_id: UUID
    written_at: datetime
    execution_on: date
    paid_from: BankDetails
    instructions: Sequence[Instruction]

    @property
    def amount(self) -> Money:
        """Over all payments."""
        return total(each.amount for each in self.instructions)


def as_pain001(order: Order) -> bytes:
    """A customer credit transfer initiation with one block of payments."""
    count, amount = str(len(order.instructions)), _decimal(order.amount)
    us = pain.PartyIdentification135(nm=order.paid_from.holder)
    document = pain.Document(
        cstmr_cdt_trf_initn=pain.CustomerCreditTransferInitiationV09(
            grp_hdr=pain.GroupHeader85(
                msg_id=order.run_id.hex,
                cre_dt_tm=XmlDateTime.from_datetime(
                    order.written_at.astimezone(UTC).replace(microsecond=0)
                ),
                nb_of_txs=count,
                ctrl_sum=amount,
                initg_pty=us,
            ),
            pmt_inf=[
                pain.PaymentInstruction30(
                    pmt_inf_id=order.run_id.hex,
                    pmt_mtd=pain.PaymentMethod3Code.TRF,
                    nb_of_txs=count,
                    ctrl_sum=amount,
                    pmt_tp_inf=pain.PaymentTypeInformation26(
                        # An ordinary batch payment, not an urgent wire.
                        svc_lvl=[pain.ServiceLevel8Choice(cd="NURG")]
                    ),
                    reqd_exctn_dt=pain.DateAndDateTime2Choice(
                        dt=XmlDate.from_date(order.execution_on)
                    ),
                    dbtr=us,
                    dbtr_acct=_account(order.paid_from, currency=order.amount.currency),
                    dbtr_agt=_agent(order.paid_from),
                    cdt_trf_tx_inf=[_transfer(each) for each in order.instructions],
                )
            ],
        )
    )
    serializer = XmlSerializer(config=SerializerConfig(indent="  "))
    return serializer.render(document, ns_map={None: NAMESPACE}).encode()


def _transfer(instruction: Instruction) -> pain.CreditTransferTransaction34:
    name = instruction.payment_id.hex
    return pain.CreditTransferTransaction34(
        pmt_id=pain.PaymentIdentification6(instr_id=name, end_to_end_id=name),
        amt=pain.AmountType4Choice(
            instd_amt=pain.ActiveOrHistoricCurrencyAndAmount(
                value=_decimal(instruction.amount), ccy=instruction.amount.currency
            )
        ),
        cdtr_agt=_agent(instruction.to),
        cdtr=pain.PartyIdentification135(nm=instruction.to.holder),
        cdtr_acct=_account(instruction.to),
        rmt_inf=pain.RemittanceInformation16(ustrd=[instruction.reference]),
    )


def _agent(details: BankDetails) -> pain.BranchAndFinancialInstitutionIdentification6:
    return pain.BranchAndFinancialInstitutionIdentification6(
        fin_instn_id=pain.FinancialInstitutionIdentification18(
            clr_sys_mmb_id=pain.ClearingSystemMemberIdentification2(
                clr_sys_id=pain.ClearingSystemIdentification2Choice(cd=CANADIAN_CLEARING),
                mmb_id=details.routing,
            ),
            pstl_adr=pain.PostalAddress24(ctry="CA"),
        )
    )


def _account(details: BankDetails, *, currency: str | None = None) -> pain.CashAccount38:
    return pain.CashAccount38(
        id=pain.AccountIdentification4Choice(
            othr=pain.GenericAccountIdentification1(id=details.number)
        ),
        ccy=currency,
    )


def _decimal(amount: Money) -> Decimal:
    return Decimal(amount.cents).scaleb(-2)


def as_csv(order: Order) -> bytes:
    """The same payments, one a line, for banks that take no XML and for people."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(
        (
            "payment_id",
            "execution_on",
            "institution",
            "transit",
            "account",
            "holder",
            "amount",
            "currency",
            "reference",
        )
    )
    for each in order.instructions:
        writer.writerow(
            (
                each.payment_id,
                order.execution_on.isoformat(),
                each.to.institution,
                each.to.transit,
                each.to.number,
                each.to.holder,
                _decimal(each.amount),
                each.amount.currency,
                each.reference,
            )
        )
    return text.getvalue().encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way of writing an order down."""

    write: Callable[[Order], bytes]
    media_type: str
    extension: str


FORMATS: Mapping[str, Format] = {
    "pain.001": Format(write=as_pain001, media_type="application/xml", extension="xml"),
    "csv": Format(write=as_csv, media_type="text/csv; charset=utf-8", extension="csv"),
}
