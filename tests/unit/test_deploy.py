"""docker-compose.yml starts what the code has, with the settings that the code reads."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from typer.testing import CliRunner

from deploy.kafka import KAFKA_VERSION
from deploy.local import LocalStack
from deploy.services import PORTS, database_name
from services.command_line import ServiceName, app
from shared.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
VARIABLE = re.compile(r"\$\{(\w+)(:[?-][^}]*)?\}")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))


def filled_in(value: str) -> str:
    """The value as it is once the operator has given every variable."""
    return VARIABLE.sub(lambda match: f"given-{match[1].lower()}", value)


def environment(compose: dict[str, Any], container: str) -> dict[str, str]:
    declared = compose["services"][container]["environment"]
    # One without a value is passed on where the operator has set it.
    return {key: filled_in(value) for key, value in declared.items() if value is not None}


class TestCompose:
    @pytest.mark.parametrize("service", PORTS)
    def test_each_service_has_its_two_processes(
        self, compose: dict[str, Any], service: str
    ) -> None:
        """One container serves HTTP and one works in the background."""
        assert compose["services"][service]["command"] == ["serve", service]
        assert compose["services"][f"{service}-worker"]["command"] == ["work", service]

    @pytest.mark.parametrize("service", PORTS)
    @pytest.mark.parametrize("process", ["{}", "{}-worker"])
    def test_the_settings_are_those_the_code_reads(
        self, compose: dict[str, Any], service: str, process: str
    ) -> None:
        """Each process would start with its environment, in production, on Kafka."""
        env = environment(compose, process.format(service))
        env["JALON_JWKS_URL"] = "https://login.example.org/keys"
        if "JALON_IMPACT_LINK_KEY" in env:
            env["JALON_IMPACT_LINK_KEY"] = "0123456789abcdef" * 4

        settings = ServiceSettings.from_env(service, env)

        assert settings.mode == "production"
        assert settings.transport == "kafka"
        assert settings.clock == "system"
        assert settings.http_port == PORTS[service]
        assert settings.database_url.endswith(f"@postgres/{database_name(service)}")

    @pytest.mark.parametrize("service", PORTS)
    def test_no_setting_is_unknown_to_the_code(self, compose: dict[str, Any], service: str) -> None:
        """A misspelt variable would be ignored silently; none is there."""
        known = {ServiceSettings.variable(name) for name in ServiceSettings.model_fields}
        known |= {
            ServiceSettings.variable(name, each)
            for name in ServiceSettings.model_fields
            for each in PORTS
        }

        assert set(compose["services"][service]["environment"]) <= known

    @pytest.mark.parametrize("service", PORTS)
    def test_the_port_is_published_and_asked(self, compose: dict[str, Any], service: str) -> None:
        """The port of the code is the one published and the one whose health is asked."""
        container = compose["services"][service]
        assert container["ports"] == [f"{PORTS[service]}:{PORTS[service]}"]
        assert f":{PORTS[service]}/ready" in container["healthcheck"]["test"][-1]

    def test_the_jobs_run_before_the_services(self, compose: dict[str, Any]) -> None:
        """Databases, then migrations and topics, then services."""
        services = compose["services"]
        for name in (*PORTS, *(f"{service}-worker" for service in PORTS)):
            assert set(services[name]["depends_on"]) == {"migrations", "topics"}
        assert set(services["migrations"]["depends_on"]) == {"databases"}
        assert services["databases"]["depends_on"]["postgres"]["condition"] == "service_healthy"
        assert services["topics"]["depends_on"]["kafka"]["condition"] == "service_healthy"

    def test_no_secret_has_a_default(self) -> None:
        """Passwords and the issuer are asked for; nothing runs on a guess."""
        text = (ROOT / "docker-compose.yml").read_text("utf-8")
        asked = {match[1]: match[2] or "" for match in VARIABLE.finditer(text)}
        for name, rule in asked.items():
            assert rule.startswith(":?") or name == "JALON_JWT_AUDIENCE", name
        example = (ROOT / "deploy" / "env.example").read_text("utf-8")
        assert {line[:-1] for line in example.splitlines() if line.endswith("=")} == {
            name for name in asked if name != "JALON_JWT_AUDIENCE"
        }

    def test_the_broker_is_the_one_that_is_tested(self, compose: dict[str, Any]) -> None:
        """What runs in production is the version that the tests run."""
        assert compose["services"]["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"

    def test_the_command_line_knows_the_services(self) -> None:
        """The names it takes are the services that there are."""
        assert get_args(ServiceName) == tuple(PORTS)

    def test_the_volumes_are_named(self, compose: dict[str, Any]) -> None:
        """What must outlive a container is on a named volume."""
        assert set(compose["volumes"]) == {"postgres", "kafka"}
        for name in compose["volumes"]:
            [mount] = compose["services"][name]["volumes"]
            assert mount.startswith(f"{name}:")

    def test_every_command_exists(self, compose: dict[str, Any]) -> None:
        """What a container of ours runs is a command of ours."""
        for name, container in compose["services"].items():
            if "command" in container and "build" in container:
                [verb, *_] = container["command"]
                assert CliRunner().invoke(app, [verb, "--help"]).exit_code == 0, name


class TestPorts:
    def test_two_stacks_never_choose_the_same(self, tmp_path: Path) -> None:
        """The usual ports are one stack's; another takes any, whatever is free at that moment."""
        one, other = LocalStack(tmp_path / "one"), LocalStack(tmp_path / "other")
        try:
            chosen = one._ports(), other._ports()
        finally:
            one.stop()
            other.stop()
        assert not set(chosen[0].values()) & set(chosen[1].values())
        assert not set(chosen[1].values()) & set(PORTS.values())
