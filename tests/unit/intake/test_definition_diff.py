"""What changed between two versions can be read by people."""

from dataclasses import replace

from services.intake.domain.bilingual import Bilingual
from services.intake.domain.claim_terms import ApprovalLevel, ClaimTerms
from services.intake.domain.definition import Definition, PocketTerms, Section
from services.intake.domain.definition_diff import changes
from services.intake.domain.rules import AskedRule
from shared.kernel.money import Money
from tests.unit.intake.examples import ALL_RULES, definition

SECTION = Section(
    code="ip",
    titles=Bilingual(en="IP plan", fr="Plan de PI"),
    schema={
        "type": "object",
        "properties": {"owner": {"type": "string", "title": "Owner", "x-title-fr": "Titulaire"}},
    },
)


def told(before: Definition, after: Definition) -> list[tuple[str, str, str]]:
    return [
        (change.path, change.sentence.en, change.sentence.fr) for change in changes(before, after)
    ]


class TestChanges:
    def test_none(self) -> None:
        """A version does not differ from itself."""
        assert changes(definition, definition) == []

    def test_a_rate(self) -> None:
        """Rates are read as percentages, each as its language writes them."""
        assert told(definition, replace(definition, reimbursement_rate_bp=4_050)) == [
            (
                "reimbursement_rate_bp",
                "Reimbursement rate: 35% becomes 40.5%.",
                "Taux de remboursement\u00a0: 35\u00a0% devient 40,5\u00a0%.",
            )
        ]

    def test_a_text(self) -> None:
        """Texts are quoted, language by language."""
        later = replace(definition, names=Bilingual(en="New name", fr=definition.names.fr))
        assert told(definition, later) == [
            (
                "names.en",
                "Name, in English: “Industry-led projects” becomes “New name”.",
                (
                    "Nom, en anglais\u00a0: «\u00a0Industry-led projects\u00a0» devient "
                    "«\u00a0New name\u00a0»."
                ),
            )
        ]

    def test_rules_are_told_apart_by_name(self) -> None:
        """One rule in front and another parameter are two changes, whatever the positions."""
        rules = (
            AskedRule(name="stacking-limit", parameters={"at_most_bp": 7_500}),
            *(rule for rule in ALL_RULES if rule.name not in {"stacking-limit", "call-open"}),
        )
        found = told(definition, replace(definition, rules=rules))
        assert [(path, english) for path, english, _ in found] == [
            ("rules[call-open]", "Rules, call-open: “call-open” is removed."),
            (
                "rules[stacking-limit].parameters.at_most_bp",
                "Rules, stacking-limit, parameters, at most: 50% becomes 75%.",
            ),
            ("rules", f"Rules: the order is now {', '.join(rule.name for rule in rules)}."),
        ]

    def test_the_order_of_pockets(self) -> None:
        """Pockets are drawn on in order: another order is a change."""
        later = replace(definition, pockets=definition.pockets[::-1])
        assert told(definition, later) == [
            (
                "pockets",
                "Pockets: the order is now MEIE-P1-PROJECTS, ISED-P1-PROJECTS.",
                "Enveloppes\u00a0: l’ordre est maintenant MEIE-P1-PROJECTS, ISED-P1-PROJECTS.",
            )
        ]

    def test_a_pocket_comes_with_all_it_says(self) -> None:
        """What is added is told whole."""
        pocket = PocketTerms(code="NEW", provinces=("ON", "QC"), share_bp=1_000)
        [(path, english, french)] = told(
            definition, replace(definition, pockets=(*definition.pockets, pocket))
        )
        assert path == "pockets[NEW]"
        assert english == "Pockets, NEW: “NEW” (provinces “ON”, “QC”, share 10%) is added."
        assert french == (
            "Enveloppes, NEW\u00a0: ajout de «\u00a0NEW\u00a0» (provinces «\u00a0ON\u00a0», "
            "«\u00a0QC\u00a0», part 10\u00a0%)."
        )

    def test_sections(self) -> None:
        """Within a section, each field of the form is a change of its own."""
        with_section = replace(definition, sections=(SECTION,))
        assert told(definition, with_section)[0][:2] == (
            "sections[ip]",
            "Sections, ip: “IP plan” is added.",
        )
        owner = {"type": "string", "title": "Owner of it", "x-title-fr": "Titulaire"}
        reuse = {"type": "boolean", "title": "Reuse", "x-title-fr": "Réutilisation"}
        grown = replace(
            SECTION, schema={"type": "object", "properties": {"owner": owner, "reuse": reuse}}
        )
        found = told(with_section, replace(definition, sections=(grown,)))
        assert [(path, french) for path, _, french in found] == [
            (
                "sections[ip].schema.properties.owner.title",
                (
                    "Sections, ip, formulaire, champs, owner, libellé en anglais\u00a0: "
                    "«\u00a0Owner\u00a0» devient «\u00a0Owner of it\u00a0»."
                ),
            ),
            (
                "sections[ip].schema.properties.reuse",
                (
                    "Sections, ip, formulaire, champs, reuse\u00a0: ajout de "
                    "«\u00a0Réutilisation\u00a0»."
                ),
            ),
        ]

    def test_claims(self) -> None:
        """Amounts, yes and no, and lists read as people write them."""
        levels = ApprovalLevel(role="claims-approver", up_to=Money(250_000_00))
        before = replace(definition, claims=ClaimTerms(approval_levels=(levels,)))
        after = replace(
            definition,
            claims=ClaimTerms(
                approval_levels=(replace(levels, up_to=Money(300_000_00)),),
                advances_allowed=True,
                closing_requirements=("final-report",),
            ),
        )
        assert [(path, english) for path, english, _ in told(before, after)] == [
            ("claims.advances_allowed", "Claims, advances: no becomes yes."),
            (
                "claims.closing_requirements[final-report]",
                "Claims, closing requirements, final-report: “final-report” is added.",
            ),
            (
                "claims.approval_levels[claims-approver].up_to",
                (
                    "Claims, levels of approval, claims-approver, up to: "
                    "$250,000.00 becomes $300,000.00."
                ),
            ),
        ]
