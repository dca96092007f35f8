import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import anyio
import jwt
import pytest

from shared.web.auth import KeySet, Tokens
from shared.web.development import DevelopmentIssuer, NotInProduction
from tests.support.toy import settings_for


def test_it_refuses_to_exist_in_production(tmp_path: Path) -> None:
    """Outside the embedded mode nothing is made, not even a folder."""
    with pytest.raises(NotInProduction):
        DevelopmentIssuer(tmp_path / "keys", mode="production")
    assert not (tmp_path / "keys").exists()


def test_its_private_key_is_for_its_owner_only(tmp_path: Path) -> None:
    """The key's file and folder are closed to other users of the machine."""
    DevelopmentIssuer(tmp_path / "keys", mode="embedded")
    assert stat.S_IMODE((tmp_path / "keys" / "signing-key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    (published,) = json.loads((tmp_path / "keys" / "jwks.json").read_text())["keys"]
    assert set(published) == {"kty", "crv", "x", "kid", "use", "alg"}


def test_issuers_on_one_folder_share_their_key(tmp_path: Path) -> None:
    """Processes that start at once sign with one key, also when they race to make it."""
    with ThreadPoolExecutor(8) as pool:
        issuers = list(
            pool.map(lambda _: DevelopmentIssuer(tmp_path / "keys", mode="embedded"), range(8))
        )
    settings = settings_for(issuers[0].jwks_file, issuers[0].issuer)
    reader = Tokens(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        keys=KeySet.of_file(issuers[0].jwks_file),
    )
    organisation_id = uuid4()
    for issuer in (*issuers, DevelopmentIssuer.for_settings(tmp_path / "keys", settings)):
        token = issuer.token("person-1", ["applicant"], organisation_id, ["pwd"])
        caller = anyio.run(reader.caller, f"Bearer {token}")
        assert (caller.id, caller.organisation_id) == ("person-1", organisation_id)
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [
        "jwks.json",
        "signing-key.pem",
    ]


def test_its_tokens_end(tmp_path: Path) -> None:
    """A token lives half a day unless another time is asked for."""
    issuer = DevelopmentIssuer(tmp_path / "keys", mode="embedded")
    for lives, seconds in ((timedelta(hours=12), 43_200), (timedelta(minutes=1), 60)):
        token = issuer.token("person-1", ["payer"], lives=lives)
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims["exp"] - claims["iat"] == seconds
        assert claims["amr"] == ["pwd", "otp"]
        assert "organisation" not in claims
