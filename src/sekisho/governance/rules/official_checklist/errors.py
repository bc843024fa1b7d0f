"""What can be wrong with a checklist that somebody gives as a workbook."""

from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.kernel.text import _


class NoChecklist(InvalidInput):
    """No sheet of the workbook has the headings of a checklist."""

    code = "governance.no_checklist"
    message = _(
        "No sheet holds a checklist: a row with a heading for the items (チェック項目, 項目) and one for the answers "
        "(はい・いいえ, 確認結果, 回答) was looked for in %(sheets)s. Nothing was stored."
    )
    hint = _("Give the Excel file of the checklist itself, not the manual, and as it was published.")


class SeveralChecklists(InvalidInput):
    """More than one sheet could be meant."""

    code = "governance.several_checklists"
    message = _("Several sheets could be the checklist: %(sheets)s. Nothing was stored.")
    hint = _("Choose the kind that one of the sheets names, or delete the other sheets from a copy and give that.")


class ChecklistOtherwise(InvalidInput):
    """The file says that it is of another fiscal year or for somebody else than what was chosen."""

    code = "governance.checklist_otherwise"
    message = _("The file says “%(said)s”, and %(chosen)s was chosen. Nothing was stored.")
    hint = _("Choose what the file says, or give the other file.")


class ChecklistFaulty(InvalidInput):
    """Rows of the file contradict each other; it is taken over whole or not at all."""

    code = "governance.checklist_faulty"
    message = _("%(number)s rows of the checklist cannot be taken over. Nothing was stored.")
    hint = _("The preview names each with its cell and what to do.")


class MatchUndecided(InvalidInput):
    """Nobody has said which of our items an official item means, and the file alone does not tell."""

    code = "governance.match_undecided"
    message = _("Nobody has decided yet which item of ours %(items)s means. Nothing was stored.")
    hint = _("Compare the words. Choose “none of them” where nothing fits: the item can be answered all the same.")


class MatchTwice(InvalidInput):
    """Two official items are said to mean the same item of ours."""

    code = "governance.match_twice"
    message = _("Two items are said to mean %(item)s. Nothing was stored.")
    hint = _("Choose it for the one that fits, and “none of them” for the other.")


class ChecklistKnown(Conflict):
    """The very same list was taken over before for this year."""

    code = "governance.checklist_known"
    message = _("This file was taken over already for this fiscal year. Nothing was stored.")
    hint = _("The list of official files shows when and by whom.")


class ChecklistDiffers(InvalidInput):
    """A filled-in file has other items than the form whose answers it is to bring."""

    code = "governance.checklist_differs"
    message = _("The file has other items than this form: %(items)s. Nothing was stored.")
    hint = _("Take over the official file of that year first, or choose the year and form that the file is of.")


class NothingNew(Conflict):
    """A filled-in file says nothing that is not kept already."""

    code = "governance.checklist_nothing_new"
    message = _("The file holds no answer that differs from what is kept. Nothing was stored.")
    hint = _("Check that it is the file that was filled in.")


class NoOfficialFile(InvalidInput):
    """The official file of this year was never given, so there is nothing to write the answers into."""

    code = "governance.no_official_file"
    message = _("The official file of this year and form has not been given yet.")
    hint = _("Give it at “Official files”; the answers are then written into it.")


class OfficialFileDamaged(InvalidInput):
    """The stored bytes are not those that were received."""

    code = "governance.official_file_damaged"
    message = _("The stored official file is damaged: its hash is not the one it was received with.")
    hint = _("Restore the database from a backup. Do not use the file.")
    status = 500
    exit_code = 70
