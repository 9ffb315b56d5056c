"""How grounds, looks and states of documents are said on pages."""

from service.foundation.language import later

GROUND_TITLES = {
    "enrolment": later("You enrolled there, or it enrolled you"),
    "past_certificate": later("It has issued you a certificate before"),
    "employment": later("You work there"),
    "consent": later("You consented"),
    "contract": later("A contract names you"),
    "teaching": later("You teach there"),
}
LOOK_TITLES = {
    "person.looked_at": later("Opened your details"),
    "person.number_revealed": later("Looked at your full identity number"),
    "person.document_seen": later("Compared your document with the original"),
    "people.exported": later("Exported a list that holds you"),
    "document.read": later("Opened a paper issued to you"),
    "answer.read": later("Read an answer of yours for marking, without your name"),
}
STATE_TITLES = {
    "declared": later("As you declared it"),
    "seen": later("Original seen"),
    "withdrawn": later("No longer valid"),
}
