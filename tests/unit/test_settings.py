"""A process that lacks a setting does not start, and says which."""

import pytest

from shared.settings import ServiceSettings, SettingsMissing

COMPLETE = {
    "JALON_MODE": "production",
    "JALON_CLAIMS_DATABASE_URL": "postgresql+psycopg://claims@db/jalon_claims",
    "JALON_KAFKA_BOOTSTRAP": "kafka:9092",
    "JALON_JWT_ISSUER": "https://login.example.org",
    "JALON_JWKS_URL": "https://login.example.org/keys",
    "JALON_CLAIMS_HTTP_PORT": "8103",
    "PATH": "/bin",
}


class TestSettings:
    def test_what_a_service_says_of_itself_wins(self) -> None:
        """A setting for one service goes before the one for all."""
        settings = ServiceSettings.from_env("claims", COMPLETE | {"JALON_HTTP_PORT": "1"})

        assert settings.http_port == 8103
        assert settings.transport == "kafka"

    @pytest.mark.parametrize("missing", [key for key in COMPLETE if key != "PATH"])
    def test_what_is_missing_is_named(self, missing: str) -> None:
        """No setting that matters has a default."""
        env = {key: value for key, value in COMPLETE.items() if key != missing}

        with pytest.raises(SettingsMissing) as stopped:
            ServiceSettings.from_env("claims", env)

        assert missing.replace("CLAIMS_", "") in str(stopped.value)

    @pytest.mark.parametrize(
        ("extra", "says"),
        [
            ({"JALON_CLOCK": "simulated"}, "embedded mode only"),
            ({"JALON_JWKS_FILE": "keys.json"}, "exactly one"),
            ({"JALON_TRANSPORT": "postgres"}, "JALON_LOG_DATABASE_URL"),
            ({"JALON_HTTP_PORT": "0", "JALON_CLAIMS_HTTP_PORT": "0"}, "JALON_HTTP_PORT"),
            ({"JALON_SMTP_HOST": "mail.example.org"}, "JALON_LINK_KEY"),
            ({"JALON_SMTP_USER": "jalon"}, "JALON_SMTP_PASSWORD"),
            ({"JALON_LINK_KEY": "too short"}, "JALON_LINK_KEY"),
        ],
    )
    def test_what_does_not_fit_together_is_refused(self, extra: dict[str, str], says: str) -> None:
        """A development convenience cannot slip into production."""
        with pytest.raises(SettingsMissing, match=says):
            ServiceSettings.from_env("claims", COMPLETE | extra)
