"""The README says what is there."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.command_line import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


class TestReadme:
    @pytest.mark.parametrize(
        "target", sorted(set(re.findall(r"(?:`|^ {4})make ([a-z]+)", README, re.MULTILINE)))
    )
    def test_every_target_is_in_the_makefile(self, target: str) -> None:
        """`make …` in the README is a target."""
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    @pytest.mark.parametrize("command", dict.fromkeys(re.findall(r"`(jalon [a-z][^`]+)`", README)))
    def test_every_command_takes_the_options_it_shows(self, command: str) -> None:
        """A command and its options are known to the command line."""
        words = [word for word in shlex.split(command)[1:] if word != "FILE"]
        verbs = words[:2] if words[0] == "parked" else words[:1]

        shown = CliRunner().invoke(app, [*verbs, "--help"], env={"COLUMNS": "200"})

        assert shown.exit_code == 0
        for option in (word for word in words if word.startswith("--")):
            assert option in shown.output

    @pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
    def test_every_link_leads_somewhere(self, link: str) -> None:
        """A file that the README points to exists."""
        assert (ROOT / link).exists()

    def test_the_first_command_comes_early(self) -> None:
        """Who wants to see it run does not read far."""
        lines = README.splitlines()
        assert lines.index("    make run") < 25
