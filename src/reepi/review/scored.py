"""What scoring left of a study for its readers: how photographs ended, what is proposed, and of which files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from reepi.core.images import Mask
from reepi.core.results import PhotoRow
from reepi.imaging.writing import decode_mask
from reepi.store.results import ResultsFolder

SHA256_DIGITS: Final = 64
"""Length of a hash; where a photograph could not be read, the record of a run holds a shorter word for why."""


@dataclass(frozen=True)
class ModelName:
    """Which model a proposal came from."""

    name: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class ScoredStudy:
    """The results of a study as they are now; it may be scored again while it is read.

    Parameters
    ----------
    results : ResultsFolder
        Where they are; nothing may be there.
    """

    results: ResultsFolder

    def rows(self) -> dict[str, PhotoRow]:
        """Return how photographs ended, by file."""
        try:
            return {row.file: row for row in self.results.read_photos()}
        except FileNotFoundError:
            return {}

    def proposal(self, file: str, size: tuple[int, int]) -> Mask | None:
        """Return what the model proposes (H, W) for a photograph of a size; None where there is nothing of that."""
        try:
            mask = decode_mask(self.results.proposal(file).read_bytes())
        except (OSError, ValueError):
            return None
        return mask if mask.shape == size else None

    @property
    def model(self) -> ModelName:
        """Which model proposed."""
        try:
            told: Mapping[str, str] = self._run["models"]["tissue"]
            return ModelName(str(told["name"]), str(told["sha256"]))
        except (KeyError, TypeError):
            return ModelName()

    def photograph_hash(self, file: str) -> str:
        """Return the hash of a photograph as it was scored, or nothing where that is not known."""
        inputs = self._run.get("inputs")
        told = str(inputs.get(file, "")) if isinstance(inputs, Mapping) else ""
        return told if len(told) == SHA256_DIGITS else ""

    def declared(self, file: str) -> list[Any] | None:
        """Return as what a photograph was scored, see `reepi.store.provenance.declared`; None where it is not known."""
        declared = self._run.get("declared")
        told = declared.get(file) if isinstance(declared, Mapping) else None
        return told if isinstance(told, list) else None

    @property
    def events(self) -> int:
        """How many events the trail of readings had."""
        trail = self._run.get("trail")
        count = trail.get("events") if isinstance(trail, Mapping) else None
        return count if isinstance(count, int) else 0

    @property
    def _run(self) -> Mapping[str, Any]:
        try:
            return _record(self.results.run, self.results.run.stat().st_mtime_ns)
        except OSError:
            return {}


@lru_cache(maxsize=2)
def _record(path: Path, modified_ns: int) -> Mapping[str, Any]:
    """Return the record of a run as it was at a time, empty where it is none."""
    try:
        run = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return run if isinstance(run, dict) else {}
