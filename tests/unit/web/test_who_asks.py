import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import anyio
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.refusals import NotFound
from shared.web import auth
from shared.web.auth import Caller, KeySet, Tokens
from shared.web.desk import at_counter
from shared.web.refusals import (
    DependencyDown,
    OrganisationMissing,
    RoleMissing,
    SecondFactorNeeded,
    TokenExpired,
    TokenMissing,
    TokenNotTrusted,
)
from tests.support.toy import Toy

ISSUER, AUDIENCE = "https://issuer.example", "jalon"
ORGANISATION = uuid4()
KEY = Ed25519PrivateKey.generate()
RSA_KEY = generate_private_key(public_exponent=65537, key_size=2048)


def public(key: Ed25519PrivateKey | RSAPrivateKey, key_id: str) -> dict[str, Any]:
    """One entry of a JWKS document."""
    if isinstance(key, RSAPrivateKey):
        entry = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        entry = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**entry, "kid": key_id}


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good token, changed; a change to None leaves one out."""
    now = datetime.now(UTC)
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "person-1",
        "exp": now + timedelta(hours=12),  # made before the first test, used by the last
        "roles": ["recipient", "king"],
        "organisation": str(ORGANISATION),
        "amr": ["pwd", "otp"],
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(key: Any = KEY, algorithm: str = "EdDSA", key_id: str = "ed", **changes: Any) -> str:
    """A token with these claims."""
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers={"kid": key_id})


def tokens(fetch: Callable[[], Any] | None = None) -> Tokens:
    """A reader of tokens who knows an Ed25519, an RSA and a symmetric key."""
    shared_secret = {"kty": "oct", "k": "c2VjcmV0" * 8, "kid": "oct", "alg": "HS256"}
    strange = {"kty": "quantum", "kid": "strange"}
    document = {"keys": [strange, shared_secret, public(KEY, "ed"), public(RSA_KEY, "rsa")]}
    return Tokens(issuer=ISSUER, audience=AUDIENCE, keys=KeySet(fetch or (lambda: document)))


def caller_of(token: str, reader: Tokens | None = None) -> Caller:
    """Who the token speaks for."""
    return anyio.run((reader or tokens()).caller, f"Bearer {token}")


@pytest.mark.parametrize(
    "token", [signed(), signed(RSA_KEY, "RS256", "rsa")], ids=["EdDSA", "RS256"]
)
def test_a_good_token_says_who_asks(token: str) -> None:
    """Subject, organisation and known roles come from a token that the issuer signed."""
    assert caller_of(token) == Caller(
        id="person-1",
        roles=("recipient",),
        organisation_id=ORGANISATION,
        amr=("pwd", "otp"),
    )


@pytest.mark.parametrize(
    "token",
    [
        signed(Ed25519PrivateKey.generate()),
        signed(RSA_KEY, "RS256", "ed"),
        signed(RSA_KEY, "PS256", "rsa"),
        signed("c2VjcmV0" * 8, "HS256", "oct"),
        jwt.encode(claims(), None, algorithm="none", headers={"kid": "ed"}),
        signed(key_id="unknown"),
        signed(iss="https://elsewhere.example"),
        signed(aud="elsewhere"),
        signed(aud=None),
        signed(iss=None),
        signed(exp=None),
        signed(sub=None),
        signed(sub=""),
        signed(sub="policy:pay-everyone"),
        signed(sub="jane@example.org"),
        signed(organisation="not-a-uuid"),
        signed(organisation=7),
        signed(roles="payer"),
        signed(amr=[1]),
        signed(nbf=datetime.now(UTC) + timedelta(hours=1)),
        "not.a.token",
        "x" * 9_000,
        "W1tbW1tb" * 900,
    ],
)
def test_a_token_that_is_not_trusted(token: str) -> None:
    """Another key, algorithm, issuer or audience, and odd claims, are all refused alike."""
    with pytest.raises(TokenNotTrusted):
        caller_of(token)


def test_an_expired_token_is_said_to_be_expired() -> None:
    """Expiry is told apart: the remedy is to sign in again."""
    with pytest.raises(TokenExpired):
        caller_of(signed(exp=datetime.now(UTC) - timedelta(minutes=1)))


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", signed()])
def test_no_token(header: str | None) -> None:
    """Without a bearer token nobody asks."""
    with pytest.raises(TokenMissing):
        anyio.run(tokens().caller, header)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(max_codepoint=255)))
def test_any_authorization_header_is_survived(header: str) -> None:
    """Whatever is sent is refused, never an error."""
    with pytest.raises((TokenMissing, TokenNotTrusted)):
        anyio.run(tokens().caller, f"Bearer {header}")


def test_a_new_key_is_found_and_an_unknown_one_is_not_asked_for_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Keys are fetched again when one is unknown, but not for every token that claims one."""
    documents = [{"keys": []}, {"keys": [public(KEY, "ed")]}]
    fetched: list[int] = []

    def fetch() -> Any:
        fetched.append(1)
        return documents[min(len(fetched), len(documents)) - 1]

    reader = tokens(fetch)
    for _ in range(3):
        with pytest.raises(TokenNotTrusted):
            caller_of(signed(), reader)
    assert len(fetched) == 1
    monkeypatch.setattr(auth, "KEYS_PAUSE_SECONDS", 0.0)
    assert caller_of(signed(), reader).id == "person-1"
    assert len(fetched) == 2


def test_known_keys_outlive_an_issuer_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token is still read while the issuer is down, but not for ever, and not without any key."""
    answers: list[Any] = [{"keys": [public(KEY, "ed")]}]

    def fetch() -> Any:
        if not answers:
            raise OSError("down")
        return answers.pop()

    reader = tokens(fetch)
    assert caller_of(signed(), reader).id == "person-1"
    monkeypatch.setattr(auth, "KEYS_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(auth, "KEYS_FRESH_SECONDS", 0.0)
    assert caller_of(signed(), reader).id == "person-1"
    monkeypatch.setattr(auth, "KEYS_GOOD_SECONDS", 0.0)
    time.sleep(0.001)
    with pytest.raises(DependencyDown):
        caller_of(signed(), reader)
    with pytest.raises(DependencyDown):
        caller_of(signed(), tokens(fetch))


@pytest.mark.parametrize("content", ["", "[]", '{"keys": 7}', '{"keys": [7]}', '{"keys": [{}]}'])
def test_a_key_file_that_is_no_key_file(tmp_path: Path, content: str) -> None:
    """Without readable keys the service cannot tell who asks, and says so."""
    path = tmp_path / "jwks.json"
    path.write_text(content)
    reader = Tokens(issuer=ISSUER, audience=AUDIENCE, keys=KeySet.of_file(path))
    with pytest.raises((DependencyDown, TokenNotTrusted)):
        caller_of(signed(), reader)


def test_keys_in_a_file(tmp_path: Path) -> None:
    """The embedded mode reads the keys from a file."""
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [public(KEY, "ed")]}))
    reader = Tokens(issuer=ISSUER, audience=AUDIENCE, keys=KeySet.of_file(path))
    assert caller_of(signed(), reader).id == "person-1"


def someone(
    *roles: str, organisation_id: UUID | None = None, amr: tuple[str, ...] = ("pwd", "otp")
) -> Caller:
    return Caller(id="person-1", roles=roles, organisation_id=organisation_id, amr=amr)


def test_a_role_that_the_endpoint_is_for() -> None:
    """The caller acts in those of their roles that the endpoint names."""
    caller = someone("claims-analyst", "payer").allowed(["payer", "auditor"])
    assert caller.acting_as == ("payer",)


def test_a_role_that_the_endpoint_is_not_for() -> None:
    """Other roles are refused, with the roles it is for."""
    with pytest.raises(RoleMissing) as refusal:
        someone("claims-analyst").allowed(["payer", "operator"])
    assert str(refusal.value) == "This is for: operator, payer."


@pytest.mark.parametrize(
    "role",
    ["claims-approver", "payer", "finance-officer", "committee-secretary", "agreement-officer"],
)
def test_who_moves_money_or_decides_needs_a_second_factor(role: str) -> None:
    """A password alone neither pays nor decides."""
    with pytest.raises(SecondFactorNeeded):
        someone(role, amr=("pwd",)).allowed([role])
    for factor in ("otp", "mfa", "hwk"):
        assert someone(role, amr=("pwd", factor)).allowed([role]).acting_as == (role,)


def test_without_a_second_factor_the_other_roles_remain() -> None:
    """Someone who both analyses and pays may analyse with a password."""
    caller = someone("payer", "claims-analyst", amr=("pwd",)).allowed(["payer", "claims-analyst"])
    assert caller.acting_as == ("claims-analyst",)


def test_people_from_outside_act_for_an_organisation() -> None:
    """An applicant whose token names no organisation acts for nobody."""
    with pytest.raises(OrganisationMissing):
        someone("applicant").allowed(["applicant", "intake-officer"])


def test_people_from_outside_see_only_their_own_organisation() -> None:
    """Another organisation's things do not exist for them; staff see all of them."""
    recipient = someone("recipient", organisation_id=ORGANISATION).allowed(["recipient"])
    recipient.must_belong_to(ORGANISATION)
    assert recipient.only_organisation == ORGANISATION
    with pytest.raises(NotFound):
        recipient.must_belong_to(uuid4())
    officer = someone("intake-officer").allowed(["applicant", "intake-officer"])
    officer.must_belong_to(uuid4())
    assert officer.only_organisation is None


def test_a_staff_role_does_not_help_where_it_is_not_asked_for() -> None:
    """Someone who is both staff and recipient signs for their own organisation only."""
    both = someone("recipient", "claims-analyst", organisation_id=ORGANISATION)
    with pytest.raises(NotFound):
        both.allowed(["recipient"]).must_belong_to(uuid4())


def test_a_role_that_does_not_exist_stops_the_program() -> None:
    """A slip of the pen in an endpoint is found when it is imported."""
    with pytest.raises(ValueError, match="kings"):
        at_counter("kings")
    with pytest.raises(ValueError, match="not roles"):
        at_counter()


def test_auditors_read_everything_and_change_nothing(toy: Toy) -> None:
    """An auditor may ask every question, and hand in no command."""
    jar = toy.open_jar()
    auditor = toy.headers("auditor")
    assert toy.client.get(jar, headers=auditor).status_code == 200
    body = {"amount": {"cents": 1}}
    assert toy.client.put(f"{jar}/money", json=body, headers=auditor).status_code == 403


def test_a_challenge_says_how_to_come_in(toy: Toy) -> None:
    """401 carries the challenge of RFC 6750."""
    response = toy.client.get("/v1/jars", headers={"Authorization": "Bearer nonsense"})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="jalon", error="invalid_token"'
