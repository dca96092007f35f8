"""
Bank details as they are written in Canada, checked before they are kept.

Payments Canada, Standard 005: an account is at a branch, known by the institution's number of
three digits and a transit number of five; the account's own number has five to twelve.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shared.kernel.refusals import Invalid, Refusal

LONGEST_HOLDER = 70

_INSTITUTION = re.compile(r"(?!000)[0-9]{3}")
_TRANSIT = re.compile(r"[0-9]{5}")
_NUMBER = re.compile(r"[0-9]{5,12}")
# A name begins with a letter or digit, so that no spreadsheet takes it for a formula.
_HOLDER = re.compile(r"[^\W_][^\W_]*(?:[ .,'’&()/+-]+[^\W_]+)*[.)]?")


class InstitutionNotThreeDigits(Invalid):
    """A Canadian financial institution has a number of three digits."""

    en = "An institution number has three digits, such as 003."
    fr = "Un numéro d’institution compte trois chiffres, par exemple 003."


class TransitNotFiveDigits(Invalid):
    """A Canadian branch has a transit number of five digits."""

    en = "A transit number has five digits."
    fr = "Un numéro de transit compte cinq chiffres."


class NumberNotFiveToTwelveDigits(Invalid):
    """A Canadian account number has five to twelve digits."""

    en = "An account number has five to twelve digits, without spaces."
    fr = "Un numéro de compte compte de cinq à douze chiffres, sans espaces."


class HolderUnwritable(Invalid):
    """The holder's name can be written in a payment file."""

    en = "The holder's name begins with a letter or digit and has at most {most} letters, digits and . , ' & ( ) / + -"  # noqa: E501  # one sentence
    fr = "Le nom du titulaire commence par une lettre ou un chiffre et compte au plus {most} lettres, chiffres et . , ' & ( ) / + -"  # noqa: E501  # one sentence


class BankDetailsNotInOrder(Invalid):
    """The bank details are not as they are written in Canada; every fault is named."""

    en = "The bank details are not in order; see the reasons."
    fr = "Les coordonnées bancaires ne sont pas en règle; voir les motifs."


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDetails:
    """One Canadian bank account. Kept outside events and never written to a log."""

    institution: str
    transit: str
    number: str
    holder: str

    def __repr__(self) -> str:
        return f"BankDetails({self.masked})"

    @property
    def routing(self) -> str:
        """The nine digits by which Canadian clearing knows the branch: 0, institution, transit."""
        return f"0{self.institution}{self.transit}"

    @property
    def masked(self) -> str:
        """The number with all but its last three digits hidden."""
        return "•" * (len(self.number) - 3) + self.number[-3:]


def must_be_in_order(details: BankDetails) -> None:
    """Refuse what no Canadian bank would know, with every fault named."""
    refusals = list(_faults(details))
    if refusals:
        raise BankDetailsNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])


def _faults(details: BankDetails) -> Iterator[Refusal]:
    if not _INSTITUTION.fullmatch(details.institution):
        yield InstitutionNotThreeDigits(field="institution", accepted="^[0-9]{3}$")
    if not _TRANSIT.fullmatch(details.transit):
        yield TransitNotFiveDigits(field="transit", accepted="^[0-9]{5}$")
    if not _NUMBER.fullmatch(details.number):
        yield NumberNotFiveToTwelveDigits(field="number", accepted="^[0-9]{5,12}$")
    if len(details.holder) > LONGEST_HOLDER or not _HOLDER.fullmatch(details.holder):
        yield HolderUnwritable(field="holder", accepted=LONGEST_HOLDER, most=LONGEST_HOLDER)
