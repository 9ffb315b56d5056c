"""What is refused of a spreadsheet, a column or a cell."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class FileTooLarge(DomainError):
    """The file has more bytes than are read."""

    status = 413
    slug = "sheet-file-too-large"
    message = later("The file has %(megabytes)s MB; at most %(limit)s MB are read. Please split it.")


class FileEmpty(DomainError):
    """The file has no content."""

    status = 422
    slug = "sheet-file-empty"
    message = later("The file is empty.")


class NotASheet(DomainError):
    """The file is no spreadsheet this service reads."""

    status = 422
    slug = "not-a-sheet"
    message = later("The file is not a table this service reads. Please save it as .xlsx or .csv.")


class WebPageNotSheet(DomainError):
    """A web page or XML file under the name of a spreadsheet, as some systems export it."""

    status = 422
    slug = "web-page-not-sheet"
    message = later(
        "The file is a web page under the name of a table. Please open it in Excel or WPS and save it as .xlsx."
    )


class SheetLocked(DomainError):
    """The workbook is protected by a password."""

    status = 422
    slug = "sheet-locked"
    message = later("The workbook is protected by a password. Please remove the password and send it again.")


class SheetDamaged(DomainError):
    """The file cannot be read to its end."""

    status = 422
    slug = "sheet-damaged"
    message = later("The file is damaged and cannot be read. Please open it, save it anew and send it again.")


class SheetTooDense(DomainError):
    """The packed file grows beyond reason when it is unpacked."""

    status = 413
    slug = "sheet-too-dense"
    message = later("Unpacked, the file is larger than this service reads. Please copy the rows into a new workbook.")


class TooManyRows(DomainError):
    """The table has more rows than are read."""

    status = 413
    slug = "too-many-rows"
    message = later("The table has more than %(limit)s rows. Please split it.")


class TooManyColumns(DomainError):
    """The table has more columns than are read."""

    status = 413
    slug = "too-many-columns"
    message = later("The table has more than %(limit)s columns. Please delete those not needed.")


class CellFarAway(DomainError):
    """A cell with content stands far outside the rows and columns that are read."""

    status = 422
    slug = "cell-far-away"
    message = later("Cell %(cell)s has content far outside the table. Please delete it.")


class EncodingUnknown(DomainError):
    """A text file is neither UTF-8, nor UTF-16 with its mark, nor GB18030."""

    status = 422
    slug = "encoding-unknown"
    message = later("The text file is written in an unknown encoding. Please save it as “CSV UTF-8” or as .xlsx.")


class QuotesNotClosed(DomainError):
    """A quotation mark in a text file is not closed or stands in the middle of a value."""

    status = 422
    slug = "quotes-not-closed"
    message = later("Near row %(row)s a quotation mark is out of place, so that the columns cannot be told apart.")


class HeaderNotFound(DomainError):
    """No row holds the headers that are looked for."""

    status = 422
    slug = "header-not-found"
    message = later("No header row was found in the first %(searched)s rows. It must name: %(columns)s.")


class ColumnsMissing(DomainError):
    """The header row lacks required columns."""

    status = 422
    slug = "columns-missing"
    message = later("Row %(row)s is the header row, and it lacks: %(columns)s.")


class ColumnTwice(DomainError):
    """Two columns mean the same thing."""

    status = 422
    slug = "column-twice"
    message = later("The columns “%(first)s” and “%(second)s” both give “%(meaning)s”. Please keep one.")


class NoRows(DomainError):
    """There is a header, and nothing below it."""

    status = 422
    slug = "no-rows"
    message = later("There is no row below the header in row %(row)s.")


class TextTooLongForCell(DomainError):
    """A text is longer than a cell of a workbook holds."""

    status = 422
    slug = "text-too-long-for-cell"
    message = later("A text in column “%(column)s” is longer than the 32,767 characters a cell of a workbook holds.")


class CellRefused(DomainError):
    """One cell cannot be read; facts `row` (as the file counts) and `column` (the file's own header) say where."""

    status = 422
    slug = "cell-refused"
    message = later("Row %(row)s, “%(column)s”: the value cannot be read.")


class CellEmpty(CellRefused):
    """A required cell is empty."""

    slug = "cell-empty"
    message = later("Row %(row)s, “%(column)s”: must be filled in.")


class CellTooLong(CellRefused):
    """A text is too long."""

    slug = "cell-too-long"
    message = later("Row %(row)s, “%(column)s”: %(length)s characters; at most %(limit)s fit.")


class CellForbiddenCharacter(CellRefused):
    """A text holds a control character."""

    slug = "cell-forbidden-character"
    message = later("Row %(row)s, “%(column)s”: holds the character %(character)s, which cannot be stored.")


class StoredAsNumber(CellRefused):
    """A long number of a document was stored as a number, and its last digits are lost."""

    slug = "stored-as-number"
    message = later(
        "Row %(row)s, “%(column)s”: the spreadsheet stored this number as a quantity and its last digits are lost. "
        "Set the column to text and type it again."
    )


class CellNotADate(CellRefused):
    """A cell is no day."""

    slug = "cell-not-a-date"
    message = later("Row %(row)s, “%(column)s”: “%(text)s” is not a date. Write 2026-05-15 or 2026年5月15日.")


class CellNotAMoment(CellRefused):
    """A cell is no day with a time."""

    slug = "cell-not-a-moment"
    message = later("Row %(row)s, “%(column)s”: “%(text)s” is not a date with a time. Write 2026-05-15 09:00.")


class CellNotAnAmount(CellRefused):
    """A cell is no amount of yuan."""

    slug = "cell-not-an-amount"
    message = later("Row %(row)s, “%(column)s”: “%(text)s” is not an amount in yuan: %(reason)s")


class CellNotANumber(CellRefused):
    """A cell is no number of the kind wanted."""

    slug = "cell-not-a-number"
    message = later("Row %(row)s, “%(column)s”: “%(text)s” is not a number with at most %(places)s decimal places.")


class CellNotAPhone(CellRefused):
    """A cell is no phone number."""

    slug = "cell-not-a-phone"
    message = later("Row %(row)s, “%(column)s”: “%(text)s” is not a phone number.")


class CellNotAChoice(CellRefused):
    """A cell is none of the values offered."""

    slug = "cell-not-a-choice"
    message = later("Row %(row)s, “%(column)s”: “%(text)s” is none of: %(choices)s.")
