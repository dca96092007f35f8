"""The rules of a claim's lines: which costs count, what they show, and what stands beside them."""

from collections.abc import Iterator

from services.claims.domain.claim_rule import Asked, Rule
from services.claims.domain.values import Documents, SalesTax
from shared.kernel.money import ZERO
from shared.kernel.refusals import Invalid, Refusal, RuleBroken


class NoCosts(Invalid):
    """A claim has at least one line, unless it declares that there were no costs."""

    en = "The claim has no line; if there were no costs, declare it nil."
    fr = "La réclamation n’a aucune ligne; sans coûts, déclarez-la nulle."


class NilClaimHasCosts(Invalid):
    """A claim that declares no costs has no line."""

    en = "The claim declares that there were no costs, and has lines."
    fr = "La réclamation déclare qu’il n’y a pas eu de coûts, et elle a des lignes."


class AmountNegative(Invalid):
    """Amounts of a claim are nil or more."""

    en = "The amount is negative."
    fr = "Le montant est négatif."


class AmountInOtherCurrency(Invalid):
    """An agreement has one currency."""

    en = "The amount is in {currency}; the agreement is in {accepted_currency}."
    fr = "Le montant est en {currency}; l’entente est en {accepted_currency}."


class CategoryUnknown(RuleBroken):
    """A cost belongs to a category of the programme."""

    en = "{category} is not a cost category of the programme."
    fr = "{category} n’est pas une catégorie de coûts du programme."


class CostOutsidePeriod(RuleBroken):
    """A cost counts in the period in which it was incurred."""

    en = "The cost was not incurred within the period of the claim."
    fr = "Le coût n’a pas été engagé pendant la période de la réclamation."


class CostNotEligibleYetOrAnymore(RuleBroken):
    """Costs are eligible from the first to the last day of the agreement."""

    en = "Costs are eligible from {first} to {last}."
    fr = "Les coûts sont admissibles du {first} au {last}."


class CostAfterTermination(RuleBroken):
    """Costs incurred after the termination of the agreement are not eligible."""

    en = "The agreement was terminated on {terminated_on}; later costs are not eligible."
    fr = (
        "L’entente a été résiliée le {terminated_on}; les coûts ultérieurs ne sont pas admissibles."
    )


class CostNotPaid(RuleBroken):
    """Cash costs are claimed once incurred and paid."""

    en = "A cash cost is claimed once it is paid; say on which day."
    fr = "Un coût en espèces est réclamé une fois payé; indiquez la date du paiement."


class CostPaidTooEarly(RuleBroken):
    """What was paid before the agreement started is not eligible."""

    en = "The cost was paid before {first}, when costs become eligible."
    fr = (
        "Le coût a été payé avant le {first}, date à partir de laquelle les coûts sont admissibles."
    )


class DocumentMissing(RuleBroken):
    """A cost shows its document where the programme asks for one of every line."""

    en = "The programme asks for a document for every line."
    fr = "Le programme demande un document pour chaque ligne."


class RelatedPartyWithoutDocument(RuleBroken):
    """What a related party was paid is always shown."""

    en = "A cost paid to a related party shows its supplier and its document."
    fr = "Un coût payé à une personne liée indique le fournisseur et le document."


class SalesTaxNotTaken(RuleBroken):
    """Where the programme excludes sales taxes, a claim states none."""

    en = "Amounts exclude sales taxes in this programme; state none."
    fr = "Les montants excluent les taxes de vente dans ce programme; n’en indiquez aucune."


def has_lines_unless_it_is_nil(asked: Asked) -> Iterator[Refusal]:
    """A claim has costs, or declares that there were none."""
    form = asked.form
    if not form.lines and not form.nil:
        yield NoCosts(field="lines")
    if form.lines and form.nil:
        yield NilClaimHasCosts(field="nil", accepted=False)


def has_lines_of_known_categories(asked: Asked) -> Iterator[Refusal]:
    """A programme that names categories takes costs of no other."""
    known = asked.agreement.terms.cost_categories
    for index, line in enumerate(asked.form.lines):
        if known and line.category not in known:
            yield CategoryUnknown(
                field=f"lines[{index}].category", accepted=list(known), category=line.category
            )


def amounts_are_nil_or_more(asked: Asked) -> Iterator[Refusal]:
    """Amounts are Canadian dollars, and none is negative."""
    for where, amount in asked.amounts():
        if amount.currency != ZERO.currency:
            yield AmountInOtherCurrency(
                field=where,
                accepted=ZERO.currency,
                currency=amount.currency,
                accepted_currency=ZERO.currency,
            )
        elif amount < ZERO:
            yield AmountNegative(field=where, accepted=0)


def costs_were_incurred_in_the_period(asked: Asked) -> Iterator[Refusal]:
    """A cost counts where it was incurred, both ends of the period included."""
    form = asked.form
    for index, line in enumerate(form.lines):
        if not (
            form.period_starts_on <= line.incurred_from <= line.incurred_to <= form.period_ends_on
        ):
            yield CostOutsidePeriod(
                field=f"lines[{index}].incurred_from",
                accepted=[form.period_starts_on.isoformat(), form.period_ends_on.isoformat()],
            )


def costs_are_eligible(asked: Asked) -> Iterator[Refusal]:
    """Costs are eligible while the agreement runs (Directive on Transfer Payments, TBS 14208)."""
    agreement = asked.agreement
    for index, line in enumerate(asked.form.lines):
        if line.incurred_from < agreement.starts_on or line.incurred_to > agreement.ends_on:
            yield CostNotEligibleYetOrAnymore(
                field=f"lines[{index}].incurred_from",
                accepted=[agreement.starts_on.isoformat(), agreement.ends_on.isoformat()],
                first=agreement.starts_on,
                last=agreement.ends_on,
            )
        elif agreement.terminated_on is not None and line.incurred_to > agreement.terminated_on:
            yield CostAfterTermination(
                field=f"lines[{index}].incurred_to",
                accepted=agreement.terminated_on.isoformat(),
                terminated_on=agreement.terminated_on,
            )


def cash_costs_were_paid(asked: Asked) -> Iterator[Refusal]:
    """Cash is claimed once it is paid: from the first eligible day until today."""
    first = asked.agreement.starts_on
    for index, line in enumerate(asked.form.lines):
        where = f"lines[{index}].paid_on"
        if line.cash and (line.paid_on is None or line.paid_on > asked.on):
            yield CostNotPaid(field=where, accepted=asked.on.isoformat())
        elif line.paid_on is not None and line.paid_on < first:
            yield CostPaidTooEarly(field=where, accepted=first.isoformat(), first=first)


def costs_show_their_documents(asked: Asked) -> Iterator[Refusal]:
    """Every line where the programme says so; what a related party was paid, always."""
    of_every_line = asked.agreement.terms.documents is Documents.PER_LINE
    for index, line in enumerate(asked.form.lines):
        where = f"lines[{index}]"
        if line.related_party and (line.document_sha256 is None or not line.supplier):
            missing = "document_sha256" if line.document_sha256 is None else "supplier"
            yield RelatedPartyWithoutDocument(field=f"{where}.{missing}")
        elif of_every_line and line.document_sha256 is None:
            yield DocumentMissing(field=f"{where}.document_sha256")


def sales_taxes_are_shown_as_agreed(asked: Asked) -> Iterator[Refusal]:
    """Sales taxes that are recovered anyway stand apart, or are left out."""
    if asked.agreement.terms.sales_tax is SalesTax.SHOWN_APART:
        return
    for index, line in enumerate(asked.form.lines):
        if line.sales_tax:
            yield SalesTaxNotTaken(field=f"lines[{index}].sales_tax", accepted=0)


COST_RULES: tuple[Rule, ...] = (
    has_lines_unless_it_is_nil,
    has_lines_of_known_categories,
    amounts_are_nil_or_more,
    costs_were_incurred_in_the_period,
    costs_are_eligible,
    cash_costs_were_paid,
    costs_show_their_documents,
    sales_taxes_are_shown_as_agreed,
)
