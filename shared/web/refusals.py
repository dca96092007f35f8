"""What the edge itself refuses, before any rule of a domain is asked."""

from typing import ClassVar

from shared.kernel.refusals import Invalid, NotAllowed, NotFound, Refusal


class Unauthenticated(Refusal):
    """Who asks is not known."""

    en = "This needs a bearer token."
    fr = "Un jeton d’accès est nécessaire."

    challenge: ClassVar[str] = 'Bearer realm="jalon"'
    """The ``WWW-Authenticate`` header (RFC 6750, 3)."""


class TokenMissing(Unauthenticated):
    """The request carries no bearer token."""


class TokenExpired(Unauthenticated):
    """The bearer token has expired."""

    en = "Your session has ended. Sign in again."
    fr = "Votre session est terminée. Ouvrez une nouvelle session."
    challenge = 'Bearer realm="jalon", error="invalid_token", error_description="expired"'


class TokenNotTrusted(Unauthenticated):
    """The bearer token is not one that this service trusts."""

    en = "This token is not accepted here."
    fr = "Ce jeton n’est pas accepté ici."
    challenge = 'Bearer realm="jalon", error="invalid_token"'


class RoleMissing(NotAllowed):
    """This is for people in another role."""

    en = "This is for: {roles}."
    fr = "Cette action est réservée à : {roles}."


class SecondFactorNeeded(NotAllowed):
    """Who moves money or decides signs in with a second factor."""

    en = "Sign in with a second factor to act as: {roles}."
    fr = "Ouvrez une session avec un second facteur pour agir comme : {roles}."


class OrganisationMissing(NotAllowed):
    """Applicants and recipients act for an organisation, and the token names none."""

    en = "Your session does not say for which organisation you act."
    fr = "Votre session n’indique pas pour quelle organisation vous agissez."


class RequestInvalid(Invalid):
    """What was sent does not have the expected form."""

    en = "Some of what was sent is missing or cannot be read; see the list of errors."
    fr = "Des données envoyées manquent ou sont illisibles; voyez la liste des erreurs."


class IdempotencyKeyMissing(Invalid):
    """Every command needs an Idempotency-Key header with a UUID of the client's making."""

    en = "An Idempotency-Key header with a UUID is needed, so that asking twice is asking once."
    fr = (
        "Un en-tête Idempotency-Key contenant un UUID est nécessaire : demander deux fois, "
        "c’est alors demander une fois."
    )


class HeaderUnreadable(Invalid):
    """A header does not have the expected form."""

    en = "The header {header} cannot be read."
    fr = "L’en-tête {header} est illisible."


class CursorUnknown(Invalid):
    """A page is asked for with a cursor that this list did not give."""

    en = "This cursor does not come from this list. Start again from the first page."
    fr = "Ce curseur ne provient pas de cette liste. Reprenez à la première page."


class TextUnstorable(Invalid):
    """Text and numbers in JSON stay within what every system can keep (RFC 7493, I-JSON)."""

    en = "A null character, half a character, or a number beyond ±9007199254740991 was sent."
    fr = (
        "Un caractère nul, une moitié de caractère ou un nombre au-delà de ±9007199254740991 "
        "a été envoyé."
    )


class QuarterOutOfReach(Invalid):
    """Fiscal quarters are those of the fiscal years 1900 to 2999."""

    en = "This leads to a quarter beyond the fiscal years 1900 to 2999."
    fr = "Cela mène à un trimestre hors des exercices 1900 à 2999."


class BodyNotJson(Invalid):
    """The body of the request is not JSON."""

    en = "The body cannot be read as JSON."
    fr = "Le corps de la demande n’est pas du JSON lisible."


class ContentTypeUnknown(Invalid):
    """The body of the request is of a type that is not understood here."""

    en = "Send JSON: Content-Type: application/json, without Content-Encoding."
    fr = "Envoyez du JSON : Content-Type: application/json, sans Content-Encoding."


class FileTypeUnknown(ContentTypeUnknown):
    """The file is of a type that is not read here."""

    en = "Send a file of type {types}, without Content-Encoding."
    fr = "Envoyez un fichier de type {types}, sans Content-Encoding."


class BodyTooLarge(Invalid):
    """The body of the request is larger than this service reads."""

    en = "The body is larger than {limit} bytes."
    fr = "Le corps de la demande dépasse {limit} octets."


class TooManyValues(BodyTooLarge):
    """The body of the request holds more values than this service reads at once."""

    en = "The body holds more than {limit} values."
    fr = "Le corps de la demande contient plus de {limit} valeurs."


class BodyTooSlow(Refusal):
    """The body of the request did not arrive in time."""

    en = "The body did not arrive within {seconds} seconds."
    fr = "Le corps de la demande n’est pas arrivé en {seconds} secondes."


class PathUnknown(NotFound):
    """There is nothing at this path."""

    en = "There is nothing at this path."
    fr = "Il n’y a rien à cette adresse."


class MethodUnknown(Refusal):
    """This path does not answer this method."""

    en = "This path does not answer this method."
    fr = "Cette adresse n’accepte pas cette méthode."


class HttpRefusal(Refusal):
    """The request cannot be answered as it was made."""

    en = "The request cannot be answered as it was made."
    fr = "La demande ne peut être traitée telle quelle."


class TooBusy(Refusal):
    """More requests are under way than this service answers at once."""

    en = "Too many requests are under way. Try again shortly."
    fr = "Trop de demandes sont en cours. Réessayez sous peu."
    retry_after_seconds = 1


class Contended(Refusal):
    """Others kept changing the same thing while this was being decided."""

    en = "Others kept changing the same thing. Ask again with the same Idempotency-Key."
    fr = (
        "D’autres ont sans cesse modifié le même élément. Redemandez avec la même clé "
        "d’idempotence."
    )
    retry_after_seconds = 1


class DependencyDown(Refusal):
    """Something this service stands on does not answer."""

    en = "The service cannot answer at the moment. Ask again with the same Idempotency-Key."
    fr = "Le service ne peut répondre pour le moment. Redemandez avec la même clé d’idempotence."
    retry_after_seconds = 1


class HistoryUnreadable(Refusal):
    """What was recorded here is not understood by this version of the service."""

    en = (
        "This version of the service cannot read what was recorded here. Ask again later with the"
        " same Idempotency-Key."
    )
    fr = (
        "Cette version du service ne peut lire ce qui est consigné ici. Redemandez plus tard avec"
        " la même clé d’idempotence."
    )
    retry_after_seconds = 60


class SomethingBroke(Refusal):
    """A defect of ours, not yours; it has been noted."""

    en = "Something went wrong on our side. It has been noted under {correlation_id}."
    fr = "Une erreur est survenue de notre côté. Elle est consignée sous {correlation_id}."


class AskedTooOften(Refusal):
    """Whoever holds this link asks more often than anybody would who fills in a form."""

    en = "Too many requests. Try again in a minute."
    fr = "Trop de demandes. Réessayez dans une minute."
    retry_after_seconds = 60
