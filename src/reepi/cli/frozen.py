"""Scoring a frozen study: what differs is told before anything is measured, numbers are held against those frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reepi.core.errors import Fault, InputError, ReepiError
from reepi.core.study import Study
from reepi.core.trail import Event
from reepi.store.freezing import FREEZE_FILE, Freeze, differences, frozen_state, model_hashes, read_freeze, what_decides
from reepi.store.provenance import bytes_hash
from reepi.store.results import ResultsFolder


class NotReproduced(ReepiError):
    """A frozen study gives other numbers though nothing that decides them changed."""


@dataclass(frozen=True)
class FreezeCheck:
    """How a scoring stands to the freeze of its study.

    Parameters
    ----------
    freeze : Freeze or None
        The freeze; None where the study is not frozen.
    despite : tuple of str
        What differs from it, where it is scored all the same.
    """

    freeze: Freeze | None = None
    despite: tuple[str, ...] = ()

    def check(self, texts: Mapping[str, str]) -> None:
        """Hold tables against those frozen, before they are written.

        Raises
        ------
        NotReproduced
            One differs.
        """
        if self.freeze is None or self.despite:
            return
        hashes = {name: bytes_hash(text.encode()) for name, text in texts.items()}
        other = [name for name, digest in self.freeze.outputs.items() if hashes.get(name) != digest]
        if other:
            raise NotReproduced(
                f"The frozen numbers were NOT reproduced: {', '.join(other)} would differ, though nothing that decides "
                "them has changed but perhaps the program. The tables were not written. Use the version of reepi that "
                "the study was frozen with, or score with --despite-freeze to another folder (--out) and compare."
            )

    @property
    def remark(self) -> str:
        """What the user must know."""
        if self.freeze is None:
            return ""
        if self.despite:
            told = "\n".join(f"  {each}" for each in self.despite)
            return f"THE STUDY IS FROZEN, and these are not its frozen numbers. Different since:\n{told}"
        return f"The frozen numbers were reproduced (freeze {self.freeze.sha256[:12]} of {self.freeze.frozen_at})."


def checked_freeze(
    study: Study, folder: Path, results: ResultsFolder, models: Mapping[str, Path], head: Event | None, despite: bool
) -> FreezeCheck:
    """Return how a scoring stands to the freeze of its study, before it begins.

    Raises
    ------
    InputError
        What decides the numbers differs from what was frozen; names every difference. Or the program differs, and the
        frozen results would be overwritten. Neither where ``despite`` is set.
    """
    freeze = read_freeze(folder)
    if freeze is None:
        return FreezeCheck()
    deciding, program = differences(freeze.fixed, what_decides(study, folder, model_hashes(models), head))
    if despite:
        return FreezeCheck(freeze, tuple(map(str, [*deciding, *program])) or ("nothing that is known",))
    if deciding:
        remedy = "Undo it, or score with --despite-freeze; the results will say so."
        raise InputError([Fault(FREEZE_FILE, f"the study is frozen, and {each}", remedy) for each in deciding])
    state = frozen_state(folder, results)
    if program and state is not None and not state.changed:
        told = "; ".join(map(str, program))
        problem = f"the study is frozen, and here lie its frozen results, made by another program ({told})"
        remedy = "Score to another folder with --out: it is then told whether the numbers are the same."
        raise InputError([Fault(FREEZE_FILE, problem, remedy)])
    return FreezeCheck(freeze)
