"""Questions to the reader, and trouble told so that it cannot be missed."""

from collections.abc import Sequence

from qtpy.QtWidgets import QInputDialog, QMessageBox

TITLE = "reepi review"


class Dialogs:
    """Asks with dialogs of the desktop."""

    def choose(self, question: str, answers: Sequence[str]) -> str:
        """Return one of some answers, or nothing."""
        answer, given = QInputDialog.getItem(None, TITLE, question, list(answers), 0, True)
        return answer.strip() if given else ""

    def write(self, question: str) -> str:
        """Return an answer in the reader's words, or nothing."""
        answer, given = QInputDialog.getMultiLineText(None, TITLE, question)
        return answer.strip() if given else ""

    def tell(self, text: str) -> None:
        """Tell something that the reader must not miss."""
        QMessageBox.warning(None, TITLE, text)
