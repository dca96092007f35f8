"""What the portfolio's README shows is true."""

import json
import re
from pathlib import Path

from deploy.demo import checks
from deploy.demo.days import Step
from tests.unit.demo.oracle import five_tables

README = Path(checks.__file__).with_name("README.md").read_text(encoding="utf-8")


def test_the_smallest_file_fits() -> None:
    """The example is a whole portfolio, and its claim is worth what the text says."""
    (example,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    checks.parse(example)
    actual = five_tables(json.loads(example))["actual"]["tables"]
    assert actual["1"]["total"]["cents"] == 100_000_00
    assert actual["3"]["total"]["cents"] == 20_000_00  # 40 % of the 50 000 dollars claimed


def test_the_order_of_a_day_is_told_in_full() -> None:
    """The README names the steps of a day in the order in which they are taken."""
    (told,) = re.findall(r"In this order: (.*?)\. Within", README, re.DOTALL)
    words = {
        Step.LAPSE: "lapse",
        Step.OPEN_POCKETS: "open",
        Step.CHANGE_POCKETS: "change",
        Step.PUBLISH: "published",
        Step.APPLY: "applications",
        Step.DECIDE: "decides",
        Step.EXECUTE: "executed",
        Step.AMEND: "amendments",
        Step.SUBMIT_CLAIM: "claims are submitted",
        Step.APPROVE_CLAIM: "then approved",
        Step.TERMINATE: "terminations",
        Step.COMPLETE: "completions",
        Step.PAY: "payments",
        Step.RETURN_PAYMENT: "returns",
        Step.DRAW_DOWN: "drawdowns",
        Step.RECEIVE: "receipts",
        Step.RECORD_ACTUAL: "actuals",
        Step.APPROVE_PLAN: "the plan is approved",
    }
    text = " ".join(told.split())
    places = [text.index(words[step]) for step in sorted(Step)]
    assert places == sorted(places)
