"""Refusals of exams, sittings, marking and results."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class ClosesBeforeOpening(DomainError, ValueError):
    """The window ends before it begins."""

    status = 422
    slug = "closes-before-opening"
    message = later("The exam must close after it opens.")


class WindowTooShort(DomainError):
    """Nobody could use the whole time."""

    status = 422
    slug = "window-too-short"
    message = later("The window has %(minutes)s minutes; the exam lasts %(needed)s.")


class BlueprintUnfit(DomainError):
    """Not a frozen blueprint, or one this service cannot hold an exam by."""

    status = 422
    slug = "blueprint-unfit"
    message = later("This blueprint cannot be used: %(reason)s")


class BlueprintNeeded(DomainError):
    """An exam held online is drawn from a bank by a blueprint."""

    status = 422
    slug = "blueprint-needed"
    message = later("An exam held online needs a blueprint and an item bank.")


class FullMarksNeeded(DomainError):
    """A paper held outside without a blueprint says nowhere what it is worth."""

    status = 422
    slug = "full-marks-needed"
    message = later("Without a blueprint, say how many marks the paper is worth.")


class MarksByBlueprint(DomainError):
    """Marks were given beside a blueprint that has its own, or for an exam that is drawn."""

    status = 422
    slug = "marks-by-blueprint"
    message = later("The blueprint says the full marks and the pass mark. Leave them empty, or choose no blueprint.")


class PassMarkTooLow(DomainError):
    """A pass mark below what the course's edition asks for would pass people who get no certificate."""

    status = 422
    slug = "pass-mark-too-low"
    message = later("The course's edition asks for at least %(needed)s of %(full)s marks.")


class PassMarkAboveFull(DomainError):
    """Nobody could reach the pass mark."""

    status = 422
    slug = "pass-mark-above-full"
    message = later("The pass mark cannot be above the full marks (%(full)s).")


class HeldOnPaper(DomainError):
    """What was asked for exists only in an exam held online."""

    slug = "held-on-paper"
    message = later("This exam is held on paper. Please go to the place and time your base has told you.")


class NotHeldOnPaper(DomainError):
    """Scores come from this service's own scoring; a list cannot replace them."""

    slug = "not-held-on-paper"
    message = later("This exam is held online and scored here, so no score list is taken for it.")


class SittingsNotWritten(DomainError):
    """The list of candidates is not closed yet."""

    slug = "sittings-not-written"
    message = later("First close the list of candidates on the exam's page; then scores can be taken.")


class ResultsAlreadyReleased(DomainError):
    """After the release a score changes by an appeal alone."""

    slug = "results-already-released"
    message = later(
        "The results of this exam are released, so no list changes them. A candidate who doubts a score files an appeal, which others decide."
    )


class ScoreBeyondFullMarks(DomainError):
    """More than the paper is worth."""

    status = 422
    slug = "score-beyond-full-marks"
    message = later("a score lies between 0 and %(full)s.")


class DayNotOfExam(DomainError):
    """The day of the list is none on which the exam was held."""

    status = 422
    slug = "day-not-of-exam"
    message = later("this exam was held from %(first)s to %(last)s, not on %(day)s.")


class FormCannotBeDrawn(DomainError):
    """The bank cannot fill the blueprint; nothing was written."""

    slug = "form-cannot-be-drawn"
    message = later("No paper can be drawn, and nothing was changed: %(reason)s")


class ExamBegun(DomainError):
    """The exam has opened: nobody joins it any more."""

    slug = "exam-begun"
    message = later("The exam opened at %(opens_at)s. Who was enrolled after the paper was drawn sits another one.")


class NobodyEnrolled(DomainError):
    """There is nobody to sit the exam."""

    slug = "nobody-enrolled"
    message = later("Nobody is enrolled in this course session, so there is nobody to sit the exam.")


class NotOpenYet(DomainError):
    """The window has not begun."""

    slug = "not-open-yet"
    message = later("The exam opens at %(opens_at)s. Nothing is lost by waiting on this page.")


class WindowOver(DomainError):
    """The window has ended."""

    slug = "window-over"
    message = later("The exam closed at %(closes_at)s and can no longer be started.")


class NotEnrolledAnyMore(DomainError):
    """The enrolment behind the sitting has ended."""

    slug = "not-enrolled-any-more"
    message = later("Your enrolment in this course has ended, so this exam cannot be started. Please ask the base.")


class NotStarted(DomainError):
    """There is nothing to hand in yet."""

    slug = "sitting-not-started"
    message = later("This exam has not been started yet.")


class AnswerStale(DomainError):
    """A newer answer is saved already; it is carried in the answer and was not touched."""

    slug = "answer-stale"
    message = later("A newer answer to this question is saved already, perhaps from another device. It was kept.")


class PaperHandedIn(DomainError):
    """The paper was handed in; what came after is kept and not scored."""

    slug = "paper-handed-in"
    message = later("This paper has been handed in. What came afterwards is kept, but is not scored.")


class SittingOver(DomainError):
    """The sitting is over, so it takes no more time."""

    slug = "sitting-over"
    message = later("This sitting is over, so its time cannot be changed.")


class MarkNotWanted(DomainError):
    """There is nothing to mark at this place."""

    status = 404
    slug = "mark-not-wanted"
    message = later("There is no answer to mark here.")


class MarkUnfit(DomainError):
    """A mark that does not fit the rubric."""

    status = 422
    slug = "mark-unfit"
    message = later("The marks do not fit the rubric: %(reason)s")


class MarkedMeanwhile(DomainError):
    """Somebody else marked this answer in the meantime."""

    slug = "marked-meanwhile"
    message = later(
        "Another marker has marked this answer in the meantime (round %(round)s). Their mark was kept. Load the answer again to see it; a mark of yours would be round %(next_round)s."
    )


class MarkedAlready(DomainError):
    """The marker has marked this answer before, perhaps in another window."""

    slug = "marked-already"
    message = later(
        "You have marked this answer yourself already (round %(round)s), and that mark was kept. Load the answer again to see it; a correction is round %(next_round)s."
    )


class RoundNotNext(DomainError):
    """A round that does not follow the marks there are."""

    slug = "mark-round-not-next"
    message = later(
        "The next mark of this answer is round %(next_round)s, not %(given)s. Load the answer again before you mark it."
    )


class MarkingOver(DomainError):
    """Results are released; marks no longer change them."""

    slug = "marking-over"
    message = later("The results of this exam are released, so its marks no longer change.")


class ResultsIncomplete(DomainError):
    """Some results cannot stand yet."""

    slug = "results-incomplete"
    message = later(
        "Results cannot be released yet: %(running)s sittings are not over, %(unscored)s wait for scoring, %(unmarked)s for marks."
    )


class ScoresMissing(DomainError):
    """Some people of a paper exam have neither a score nor a word of absence."""

    slug = "scores-missing"
    message = later(
        "Results cannot be released yet: %(waiting)s people have no score. The list says 缺考 for who did not come."
    )


class RecorderReleases(DomainError):
    """Who brought scores in does not decide that they stand."""

    status = 403
    slug = "recorder-releases"
    message = later("You brought in scores of this exam, so another person decides on their release.")


class NoResults(DomainError):
    """Nobody sat the exam."""

    slug = "no-results"
    message = later("Nobody sat this exam, so there are no results to release.")


class AppealWindowOver(DomainError):
    """The days in which an appeal may be lodged are over."""

    slug = "appeal-window-over"
    message = later("Appeals against this result could be lodged until %(closes_at)s.")


class AppealUnderWay(DomainError):
    """There is an appeal about this result already."""

    slug = "appeal-under-way"
    message = later("You have lodged an appeal about this result already; it is under way.")


class AppealHeard(DomainError):
    """A panel has decided about this sitting."""

    slug = "appeal-heard"
    message = later("A panel has decided on your appeal about this exam. Its decision is final at this base.")


class PanelTooSmall(DomainError):
    """Fewer people than the exam session asks for."""

    status = 422
    slug = "panel-too-small"
    message = later("The panel needs at least %(least)s people; %(count)s are named.")


class PanelEven(DomainError):
    """An even number of people can end without a majority."""

    status = 422
    slug = "panel-even"
    message = later("The panel needs an odd number of people, so that there is a majority; %(count)s are named.")


class PanellistUnknown(DomainError):
    """Somebody named holds no post as appeal panellist here."""

    status = 422
    slug = "panellist-unknown"
    message = later("Somebody you named holds no post as appeal panellist at this organisation today.")


class PanellistTookPart(DomainError):
    """Who took part in what is appealed against does not hear the appeal."""

    status = 422
    slug = "panellist-took-part"
    message = later("%(name)s cannot hear this appeal: %(parts)s.")


class PanelHasSpoken(DomainError):
    """Who has given an opinion stays on the panel."""

    slug = "panel-has-spoken"
    message = later("%(count)s people of the panel have given their opinion and stay on it.")


class OpinionGiven(DomainError):
    """One opinion each."""

    slug = "opinion-given"
    message = later("You have given your opinion on this appeal already. It was kept as it was.")


class OpinionsMissing(DomainError):
    """The panel is not complete."""

    slug = "opinions-missing"
    message = later("The decision waits for %(missing)s more opinions of the panel.")


class NewMarksNeeded(DomainError):
    """An upheld appeal about marking says what the marks are."""

    status = 422
    slug = "new-marks-needed"
    message = later("The panel finds that the marks were wrong. Please give the new ones.")


class NewMarksNotDue(DomainError):
    """A dismissed appeal changes no marks."""

    status = 422
    slug = "new-marks-not-due"
    message = later("The panel dismisses the appeal, so no marks change.")
