"""Scoring a frozen study: what differs is told before anything is measured, numbers are held against those frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
    despite : bool
        Whether it goes on whatever differs.
    changed : tuple of str
        What differs that decides numbers, in words; only where it goes on all the same.
    program : tuple of str
        What differs of the program and its packages, which may give the same numbers.
    other : tuple of str
        Tables that came out otherwise than they were frozen.
    """

    freeze: Freeze | None = None
    despite: bool = False
    changed: tuple[str, ...] = ()
    program: tuple[str, ...] = ()
    other: tuple[str, ...] = ()

    def held_against(self, texts: Mapping[str, str]) -> "FreezeCheck":
        """Return the same, knowing which tables are not those frozen; before they are written.

        Raises
        ------
        NotReproduced
            One differs, and it was not asked to go on all the same.
        """
        if self.freeze is None:
            return self
        hashes = {name: bytes_hash(text.encode()) for name, text in texts.items()}
        other = tuple(name for name, digest in self.freeze.outputs.items() if hashes.get(name) != digest)
        if other and not self.despite:
            why = f"the program is another ({'; '.join(self.program)})" if self.program else "nothing else is known"
            raise NotReproduced(
                f"The frozen numbers were NOT reproduced: {', '.join(other)} would differ. What decides them is as it "
                f"was frozen; {why}. The tables were not written. Look whether a photograph failed; use the version of "
                "reepi that the study was frozen with; or score with --despite-freeze to another folder (--out) and "
                "compare."
            )
        return replace(self, other=other)

    @property
    def record(self) -> list[str]:
        """What ``run.json`` tells of a scoring despite the freeze; empty where nothing differed."""
        return [*self.changed, *self.program, *_differ(self.other)] if self.despite else []

    @property
    def remark(self) -> str:
        """What the user must know."""
        if self.freeze is None:
            return ""
        name = f"freeze {self.freeze.sha256[:12]} of {self.freeze.frozen_at}"
        if not self.changed and not self.other:
            by = f", by another program ({'; '.join(self.program)})" if self.program else ""
            return f"The frozen numbers were reproduced{by} ({name})."
        told = "\n".join(f"  {each}" for each in self.record)
        if self.other:
            return f"THE STUDY IS FROZEN, and these are not its frozen numbers ({name}). Different since:\n{told}"
        return f"THE STUDY IS FROZEN and changed since, though all tables came out as frozen ({name}):\n{told}"


def _differ(tables: Sequence[str]) -> list[str]:
    return [f"{table} is not as frozen" for table in tables]


def checked_freeze(
    study: Study, folder: Path, results: ResultsFolder, models: Mapping[str, Path], head: Event | None, despite: bool
) -> FreezeCheck:
    """Return how a scoring stands to the freeze of its study, before it begins.

    Another program may give the same numbers, and whether it does is seen at the end. But it measures every photograph
    anew, so it does that in another folder and leaves the frozen results alone.

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
    check = FreezeCheck(freeze, despite, tuple(map(str, deciding)), tuple(map(str, program)))
    if despite:
        return check
    if deciding:
        remedy = "Undo it, or score with --despite-freeze; the results will say so."
        raise InputError([Fault(FREEZE_FILE, f"the study is frozen, and {each}", remedy) for each in deciding])
    state = frozen_state(folder, results)
    if program and state is not None and not state.changed:
        problem = (
            f"the study is frozen, and here lie its frozen results, of another program ({'; '.join(check.program)})"
        )
        remedy = "Score to another folder with --out: it is then told whether the numbers are the same."
        raise InputError([Fault(FREEZE_FILE, problem, remedy)])
    return check
