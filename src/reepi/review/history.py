"""One order of steps for everything that a reader changes, to undo and to do again; each is kept as it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from reepi.core.errors import Fault, InputError
from reepi.review.drafts import Draft, Step
from reepi.review.patches import Patch

MASK: Final = "mask"
"""Kind of a step that changed the mask; its content is a packed `Patch`."""

Kind = Literal["mask", "chart", "points"]
"""What a step changed: the photograph's mask, the visit's body chart, or the points of the registration."""


@dataclass(frozen=True)
class Change:
    """What to do now to what a step changed.

    Parameters
    ----------
    kind : str
        What is changed.
    content : bytes
        For ``chart`` and ``points`` what they become, as it was given to `History.push`; empty for ``mask``.
    patch : Patch, optional
        For ``mask`` the change to apply.
    """

    kind: str
    content: bytes = b""
    patch: Patch | None = None


class History:
    """What a reader did to one photograph or chart and has not saved, step by step.

    Parameters
    ----------
    draft : Draft
        Where each step is kept as it is done.
    base : str, optional
        What the work begins with, such as the hash of the mask; kept with the first step, see `fits`.
    """

    def __init__(self, draft: Draft, base: str = "") -> None:
        self._draft = draft
        self._base = base

    @property
    def fits(self) -> bool:
        """Whether the steps that were kept began with the same base, so that they can be done again on it."""
        return self._draft.base in ("", self._base)

    @property
    def unsaved(self) -> bool:
        """Whether any step is done."""
        return self._draft.done > 0

    def push_patch(self, patch: Patch | None) -> None:
        """Keep a change of the mask that was just applied; None is no step. See `push` for what is raised."""
        if patch is not None:
            self._keep(MASK, b"", patch.packed())

    def push(self, kind: Literal["chart", "points"], undo: bytes, redo: bytes) -> None:
        """Keep another change that was just made: what it was, and what it became.

        Raises
        ------
        InputError
            The step could not be written; all before it are still there.
        ValueError
            The steps that were kept began with another base; clear them, or open that.
        """
        if undo != redo:
            self._keep(kind, undo, redo)

    def undo(self) -> Change | None:
        """Return what takes the newest step back, None if there is none."""
        step = self._draft.undo()
        return None if step is None else self._change(step, back=True)

    def redo(self) -> Change | None:
        """Return what does the step again that was undone last, None if there is none."""
        step = self._draft.redo()
        return None if step is None else self._change(step, back=False)

    def steps(self) -> tuple[Step, ...]:
        """Return all steps that are done as they are kept, oldest first."""
        return self._draft.steps()

    def replace(self, steps: Sequence[Step]) -> None:
        """Let other steps take the place of all that were kept, as done on the base of this history."""
        self._draft.replace(steps, self._base)

    def clear(self) -> None:
        """Forget all steps: the work is saved, or given up."""
        self._draft.clear()

    def _keep(self, kind: Kind, undo: bytes, redo: bytes) -> None:
        if self.unsaved and not self.fits:
            raise ValueError("the unsaved work began with something else; it must be cleared first")
        self._draft.push(kind, undo, redo, self._base)

    @staticmethod
    def _change(step: Step, *, back: bool) -> Change:
        if step.kind != MASK:
            return Change(step.kind, step.undo if back else step.redo)
        try:
            patch = Patch.unpacked(step.redo)
        except ValueError as error:
            raise InputError([Fault("unsaved work", str(error), "Give it up and start from what is saved.")]) from error
        return Change(MASK, patch=patch.inverse if back else patch)
