"""What this package refuses: one class each, with a slug, the facts and a sentence in both languages."""

from typing import ClassVar

from certificates.catalogue import phrase, sentence


class CertificateRefusal(Exception):
    """A refusal with its facts.

    ``slug`` names it for programs, ``status`` is the HTTP status it becomes at the edge, ``message`` is the English
    message id whose ``{places}`` are the facts.
    """

    slug: ClassVar[str] = "certificate-refused"
    status: ClassVar[int] = 422
    message: ClassVar[str] = "This was refused."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.message.format(**facts))

    def sentence(self, language: str = "en") -> str:
        """The refusal as one sentence in the reader's language (``zh...`` or English)."""
        facts = {name: phrase(fact, language) if isinstance(fact, str) else fact for name, fact in self.facts.items()}
        return sentence(self.message, language, **facts)


class NumberUnreadable(CertificateRefusal):
    slug = "certificate-number-unreadable"
    message = "“{text}” is not a certificate number. A number looks like {example}."


class NumberCheckFails(CertificateRefusal):
    """The check character does not fit; ``suggestions`` (a tuple, maybe empty) are likely readings of the same writing."""

    slug = "certificate-number-check-fails"
    message = "The certificate number {number} has a typing error: its last character does not fit the others."

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Numbers that differ by one confusable character or two neighbours swapped, and whose check character fits."""
        found = self.facts.get("suggestions", ())
        return found if isinstance(found, tuple) else ()


class NumberPartRefused(CertificateRefusal):
    slug = "certificate-number-part-refused"
    message = "A certificate number cannot be made with {part} = {value}: {rule}."


class CheckCodeUnreadable(CertificateRefusal):
    slug = "check-code-unreadable"
    message = "The check code has twelve letters and digits, like {example}; “{text}” does not."


class AddressRefused(CertificateRefusal):
    slug = "verification-address-refused"
    message = "{address} cannot be the address of the verification page: {rule}."


class FactsUnreadable(CertificateRefusal):
    slug = "certificate-facts-unreadable"
    message = "The facts of the certificate cannot be read at {place}: {reason}."


class JsonUnreadable(CertificateRefusal):
    slug = "json-unreadable"
    message = "This is not JSON that can be trusted: {reason}."


class JsonTooLarge(CertificateRefusal):
    slug = "json-too-large"
    status = 413
    message = "This file has {size} bytes; at most {limit} bytes are read."


class DuplicateMember(CertificateRefusal):
    slug = "json-duplicate-member"
    message = "The member “{member}” appears twice in the same JSON object."


class IdentityNumberFound(CertificateRefusal):
    slug = "identity-number-in-credential"
    message = "A credential never carries an identity number; one was found at {place}."


class ProofMissing(CertificateRefusal):
    slug = "proof-missing"
    message = "The document carries no proof."


class ProofKindRefused(CertificateRefusal):
    slug = "proof-kind-refused"
    message = "Proofs of the kind “{kind}” are not accepted here; eddsa-jcs-2022 is."


class ProofMalformed(CertificateRefusal):
    slug = "proof-malformed"
    message = "The proof is not well formed at {place}: {reason}."


class ProofFails(CertificateRefusal):
    slug = "proof-fails"
    message = "The signature does not fit the document: it was changed, or signed by someone else."


class KeyUnknown(CertificateRefusal):
    slug = "signing-key-unknown"
    message = "The signing key {key} is not published by its issuer."


class KeyNotTrusted(CertificateRefusal):
    slug = "signing-key-not-trusted"
    message = "The signing key {key} is {state} and vouches for nothing."


class KeyMalformed(CertificateRefusal):
    slug = "signing-key-malformed"
    message = "The signing key {key} cannot be read: {reason}."


class StatusListUnreadable(CertificateRefusal):
    slug = "status-list-unreadable"
    message = "The status list cannot be read: {reason}."


class StatusIndexRefused(CertificateRefusal):
    slug = "status-index-refused"
    message = "The status list has no entry {index}; it has {length} entries."


class GlyphMissing(CertificateRefusal):
    slug = "glyph-missing"
    status = 409
    message = "No typeface of the certificates draws the character {characters} ({code_points}); nothing was issued."


class PaperAsksOutside(CertificateRefusal):
    """A page referred to something outside its own memory: no file is made."""

    slug = "paper-asks-outside"
    status = 500
    message = "A page to be printed asked for {address}; printed pages fetch nothing."


class TextTooLong(CertificateRefusal):
    slug = "certificate-text-too-long"
    status = 409
    message = "The text of the certificate does not fit on one page even in the smallest type."


class FontsMissing(CertificateRefusal):
    slug = "fonts-missing"
    status = 500
    message = "The typeface {file} is missing in {folder}."


class NameTooLong(CertificateRefusal):
    slug = "name-too-long"
    message = "{field} is too long to be printed whole: {length} characters, at most {limit} fit."


def every_refusal() -> list[type[CertificateRefusal]]:
    """All refusals of this package, in the order of their slugs."""
    return sorted(CertificateRefusal.__subclasses__(), key=lambda refusal: refusal.slug)
