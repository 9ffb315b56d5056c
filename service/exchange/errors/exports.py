"""Refusals of exports."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class ExportColumnUnknown(DomainError):
    """A column this kind of export does not have."""

    status = 422
    slug = "export-column-unknown"
    message = later("This export has no column “%(column)s”.")


class ExportFormatUnknown(DomainError):
    """A format this kind of export does not come in."""

    status = 422
    slug = "export-format-unknown"
    message = later("This export does not come in the format “%(format)s”. It comes as: %(formats)s.")


class ExportNotReady(DomainError):
    """The file is still being made."""

    slug = "export-not-ready"
    message = later("This file is not ready yet. Its page shows how far it is.")


class ExportExpired(DomainError):
    """The file was removed after its seven days."""

    status = 410
    slug = "export-expired"
    message = later("This file was removed after seven days. Please make the export anew.")


class ExportOutdated(DomainError):
    """A ground on which somebody in the file was seen has ended since."""

    slug = "export-outdated"
    message = later(
        "%(people)s people in this file may no longer be seen by your organisation. Please make the export anew."
    )


class TooManyExports(DomainError):
    """Several exports of this account are still being made."""

    slug = "too-many-exports"
    message = later("%(open)s of your exports are still being made. Please wait for one of them.")
