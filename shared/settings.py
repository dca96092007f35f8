"""What a process needs to know, read once from the environment and passed by hand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

PREFIX = "JALON_"


class SettingsMissing(SystemExit):
    """A process cannot start: its environment lacks or misstates a setting."""


class ServiceSettings(BaseModel):
    """
    Settings of one service's HTTP process and worker.

    Read from ``JALON_<NAME>``, or ``JALON_<SERVICE>_<NAME>`` where services differ; the
    latter wins. Secrets have no default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: str
    mode: Literal["embedded", "production"]
    """``embedded``: one machine, a development token issuer, perhaps a simulated clock."""
    database_url: str = Field(pattern=r"^postgresql\+psycopg://")
    """The service's own database, as its own role."""
    transport: Literal["kafka", "postgres"] = "kafka"
    kafka_bootstrap: str | None = None
    """``host:port`` of the brokers, comma-separated; needed by the kafka transport."""
    log_database_url: str | None = Field(default=None, pattern=r"^postgresql\+psycopg://")
    """The log's database; needed by the postgres transport."""
    clock: Literal["system", "simulated"] = "system"
    """``simulated`` only in the embedded mode: moved by ``PUT /clock``."""
    jwt_issuer: str
    jwt_audience: str = "jalon"
    jwks_url: str | None = None
    jwks_file: Path | None = None
    """Where the issuer's public keys are: one of URL and file is needed by HTTP processes."""
    http_host: str = "127.0.0.1"
    http_port: int = Field(ge=1, le=65535)
    metrics_host: str = "127.0.0.1"
    http_metrics_port: int | None = Field(default=None, ge=1, le=65535)
    """Where the HTTP process shows its metrics, beside its API; without it, nowhere."""
    worker_metrics_port: int | None = Field(default=None, ge=1, le=65535)
    """Where the worker shows how the service is."""
    otlp_endpoint: str | None = Field(default=None, pattern=r"^https?://[^\s?#@]+$")
    """Where traces go: the base URL of an OTLP/HTTP collector; without it there are none."""
    body_limit_bytes: int = Field(default=1_048_576, gt=0)
    """Largest request body; anything larger is refused."""
    clamd: str | None = Field(default=None, pattern=r"^(unix:/.+|.+:\d{1,5})$")
    """ClamAV's daemon, ``host:port`` or ``unix:/path``; without it documents are not scanned."""
    link_key: SecretStr | None = Field(default=None, min_length=32)
    """Signs the personal links of surveys (impact); another key ends all links that are out."""
    survey_page_url: str | None = Field(default=None, pattern=r"^https?://[^#\s]+$")
    """Where surveys are answered; links are this address with a token as its fragment."""
    smtp_host: str | None = None
    """The mail server; where there is none, messages wait and say so."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_sender: str | None = Field(default=None, pattern=r"^[!-?A-~]+@[!-?A-~]+$")
    """The address that messages come from."""

    @model_validator(mode="after")
    def _consistent(self) -> "ServiceSettings":
        if self.transport == "kafka" and self.kafka_bootstrap is None:
            raise ValueError("the kafka transport needs JALON_KAFKA_BOOTSTRAP")
        if self.transport == "postgres" and self.log_database_url is None:
            raise ValueError("the postgres transport needs JALON_LOG_DATABASE_URL")
        if self.clock == "simulated" and self.mode != "embedded":
            raise ValueError("a simulated clock is for the embedded mode only")
        if (self.jwks_url is None) == (self.jwks_file is None):
            raise ValueError("exactly one of JALON_JWKS_URL and JALON_JWKS_FILE is needed")
        if self.mode == "production" and self.jwks_file is not None:
            raise ValueError("production takes its keys from JALON_JWKS_URL")
        needed = (self.smtp_sender, self.survey_page_url, self.link_key)
        if self.smtp_host is not None and None in needed:
            raise ValueError(
                "a mail server needs JALON_SMTP_SENDER, JALON_SURVEY_PAGE_URL and JALON_LINK_KEY"
            )
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("JALON_SMTP_USER and JALON_SMTP_PASSWORD go together")
        return self

    @classmethod
    def from_env(cls, service: str, env: Mapping[str, str]) -> "ServiceSettings":
        """Read the settings of ``service``. Raises ``SettingsMissing`` naming each problem."""
        values: dict[str, str] = {"service": service}
        for name in cls.model_fields:
            for key in (cls.variable(name), cls.variable(name, service)):
                if key in env:
                    values[name] = env[key]
        try:
            return cls.model_validate(values)
        except ValidationError as invalid:
            problems = "\n".join(
                f"  {cls.variable(str(error['loc'][0])) if error['loc'] else service}: "
                f"{error['msg']}"
                for error in invalid.errors()
            )
            raise SettingsMissing(f"{service} cannot start:\n{problems}") from None

    @staticmethod
    def variable(name: str, service: str | None = None) -> str:
        """The environment variable of a setting, for all services or for one."""
        return PREFIX + (f"{service}_{name}" if service else name).upper()
