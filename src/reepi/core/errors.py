"""What can go wrong, with file, line and remedy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reepi.core.correspondence import Correspondences


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input.

    Parameters
    ----------
    where : str
        File the fault is in, as the user knows it.
    problem : str
        What is wrong.
    remedy : str
        What to do about it.
    line : int, optional
        Line of the file, counted from 1.
    """

    where: str
    problem: str
    remedy: str
    line: int | None = None

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}, line {self.line}"
        return f"{place}: {self.problem}. {self.remedy}"


def first_of(names: Sequence[str], most: int) -> str:
    """Return names in a row, so many at most, and the number of the others in words."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


class ReepiError(Exception):
    """Base of all errors that a user can do something about."""


class InputError(ReepiError, ValueError):
    """An input is wrong; carries all its faults, found in one pass."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type["InputError"], tuple[tuple[Fault, ...]]]:
        """Travel between processes as the faults, not as their text."""
        return type(self), (self.faults,)


class VisitUnfinished(InputError):
    """A visit is signed before the reader has read everything that belongs to it."""


class ReasonNeeded(InputError):
    """What a reader signed is changed, and no reason is given."""


class NotWritten(ReepiError, OSError):
    """A file cannot be written, as on a full disk. No photograph is to blame, so this ends what is under way.

    Parameters
    ----------
    path : str
        The file or folder.
    problem : str
        What is wrong.
    remedy : str
        What to do about it.
    """

    def __init__(self, path: str, problem: str, remedy: str) -> None:
        self.path, self.problem, self.remedy = path, problem, remedy
        super().__init__(f"{path}: {problem}. {remedy}")

    def __reduce__(self) -> tuple[type["NotWritten"], tuple[str, str, str]]:
        """Travel between processes as parts, not as one text."""
        return type(self), (self.path, self.problem, self.remedy)


class FolderGone(ReepiError):
    """A folder that was there is gone, as when a share or a disk was taken away; this ends what is under way."""


class PhotographRejected(ReepiError):
    """A photograph cannot be measured; it ends as ``rejected`` with this reason and the batch goes on.

    Parameters
    ----------
    code : str
        Reason code for ``photos.csv``, such as ``unreadable`` or ``not_registered``.
    explanation : str
        The reason in a sentence, with what to do.

    Attributes
    ----------
    correspondences : Correspondences or None
        What a network says of the photograph all the same, to which a reader may add points. Stays in the process.
    """

    correspondences: "Correspondences | None" = None

    def __init__(self, code: str, explanation: str) -> None:
        self.code = code
        self.explanation = explanation
        super().__init__(f"{code}: {explanation}")

    def __reduce__(self) -> tuple[type["PhotographRejected"], tuple[object, ...]]:
        """Travel between processes as code and explanation, not as one text."""
        return type(self), (self.code, self.explanation)
