"""
Invented organisations and project titles for the built-in portfolio.

Every name is made of two words and a legal form; any likeness to a real organisation is chance.
"""

import unicodedata
from dataclasses import dataclass, field
from random import Random

from stdnum import luhn

from deploy.demo.portfolio import Organisation, Participant, Province, Role

PROVINCES: tuple[tuple[Province, int], ...] = (
    ("QC", 40),
    ("ON", 24),
    ("BC", 8),
    ("AB", 8),
    ("MB", 4),
    ("SK", 4),
    ("NS", 4),
    ("NB", 3),
    ("NL", 3),
    ("PE", 2),
)
"""Where organisations are, with weights: the cluster's head office is in Québec."""

SECTORS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("agriculture", ("Grain elevator", "Greenhouse", "Dairy herd", "Cold chain")),
    ("retail", ("Store replenishment", "Returns", "Promotion", "Grocery shelf")),
    ("manufacturing", ("Assembly line", "Spare parts", "Foundry", "Quality control")),
    ("transport and logistics", ("Port terminal", "Rail yard", "Last-mile", "Warehouse")),
    ("mining", ("Ore haulage", "Concentrator", "Tailings", "Exploration camp")),
    ("energy", ("Wind farm", "Grid maintenance", "Pipeline", "Hydro reservoir")),
    ("health care", ("Operating room", "Emergency flow", "Hospital pharmacy", "Home care")),
)
"""The seven sectors of phase 1, with what a project there may be about."""

TECHNIQUES = (
    "demand forecasting",
    "planning with reinforcement learning",
    "predictive maintenance",
    "computer vision",
    "scheduling",
    "route optimisation",
    "digital twin",
    "anomaly detection",
)

_FIRST = (
    "Boreal", "Laurentide", "Prairie", "Tidewater", "Muskeg", "Saguenay", "Kootenay", "Fundy",
    "Avalon", "Rideau", "Nipigon", "Athabasca", "Gaspesie", "Selkirk", "Ungava", "Chinook",
    "Harricana", "Okanagan", "Assiniboine", "Mauricie",
)  # fmt: skip
_SECOND: dict[Role, tuple[str, ...]] = {
    "lead": ("Foods", "Freight", "Steel", "Timber", "Motors", "Mills", "Stores", "Mines"),
    "adopter": ("Logistics", "Packaging", "Growers", "Terminals", "Power", "Clinics", "Supply"),
    "ai-provider": ("Analytics", "Robotics", "Cognition", "Vision", "Signals", "Inference"),
    "research": ("University", "Polytechnic", "Institute"),
    "other": ("Data Trust", "Consulting", "Incubator", "Academy"),
}


@dataclass(slots=True)
class Directory:
    """Organisations as they are first needed, each used again in other projects of its kind."""

    random: Random
    organisations: dict[str, Organisation] = field(default_factory=dict)
    by_place: dict[tuple[Role, Province], list[str]] = field(default_factory=dict)
    _numbers: set[str] = field(default_factory=set)

    def province(self) -> Province:
        """A province, by weight."""
        provinces, weights = zip(*PROVINCES, strict=True)
        chosen: Province = self.random.choices(provinces, weights)[0]
        return chosen

    def find(self, role: Role, province: Province, *, besides: set[str]) -> Organisation:
        """One for a role in a province, often known from another project."""
        known = [code for code in self.by_place.get((role, province), []) if code not in besides]
        if known and self.random.random() < 0.6:
            return self.organisations[self.random.choice(known)]
        return self._found(role, province)

    def named(self, name: str, kind: str, province: Province) -> Organisation:
        """One with a name of its own."""
        return self._register("other", name, kind, province)

    def _found(self, role: Role, province: Province) -> Organisation:
        second = self.random.choice(_SECOND[role])
        first = self.random.choice(_FIRST)
        kind = {
            "lead": self.random.choice(("large", "large", "sme")),
            "adopter": self.random.choice(("large", "sme", "sme")),
            "ai-provider": self.random.choice(("sme", "start-up")),
            "research": "institute" if second == "Institute" else "post-secondary",
            "other": "incubator" if second == "Incubator" else "sme",
        }[role]
        return self._register(role, f"{first} {second}", kind, province)

    def _register(self, role: Role, name: str, kind: str, province: Province) -> Organisation:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
        base = code = f"{plain.replace(' ', '-')}-{province}"
        number = 2
        while code in self.organisations:
            code = f"{base}-{number}"
            number += 1
        legal = {"QC": "inc.", "BC": "Corp."}.get(province, "Ltd.")
        firm = kind in {"large", "sme", "start-up"}
        suffix = "" if number == 2 else f" {number - 1}"
        organisation = Organisation.model_validate(
            {
                "code": code,
                "business_number": self._business_number(),
                "legal_name": f"{name}{suffix} {legal}" if firm else f"{name}{suffix} ({province})",
                "kind": kind,
                "province": province,
                "employees": {
                    "large": self.random.randint(600, 9_000),
                    "sme": self.random.randint(20, 480),
                    "start-up": self.random.randint(4, 60),
                }.get(kind, self.random.randint(40, 2_500)),
                "for_profit": firm,
                "incorporated_in_canada": True,
            }
        )
        self.organisations[code] = organisation
        self.by_place.setdefault((role, province), []).append(code)
        return organisation

    def _business_number(self) -> str:
        while True:
            digits = f"{self.random.randint(10_000_000, 99_999_999)}"
            number = digits + luhn.calc_check_digit(digits)
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    def consortium(
        self, *, size: int, province: Province | None = None, lead: Organisation | None = None
    ) -> list[Participant]:
        """A lead, an adopter, a provider of AI, and up to two more."""
        roles: list[Role] = ["lead", "adopter", "ai-provider", "research", "other"]
        home = province or self.province()
        taken: set[str] = set()
        participants = []
        for role in roles[:size]:
            near = self.random.random() < 0.7
            place = home if role == "lead" or near else self.province()
            if role == "lead" and lead is not None:
                organisation = lead
            else:
                organisation = self.find(role, place, besides=taken)
            taken.add(organisation.code)
            participants.append(Participant(organisation=organisation.code, role=role))
        return participants

    def title(self) -> str:
        """What a project may be called."""
        sector, subjects = SECTORS[self.random.randrange(len(SECTORS))]
        return f"{self.random.choice(subjects)} {self.random.choice(TECHNIQUES)} ({sector})"
