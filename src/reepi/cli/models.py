"""The models that commands measure with."""

from dataclasses import dataclass
from pathlib import Path

from reepi.instruments import Instruments
from reepi.store.provenance import model_hash, program_hash, program_versions
from reepi.store.shipped import shipped_model


@dataclass(frozen=True)
class Models:
    """The models that a study is scored with.

    Parameters
    ----------
    tissue : Path
        Folder of the model that tells tissues.
    correspondence : Path
        Folder of the model that finds the body.
    pose : Path, optional
        Folder of the network that finds a whole person's landmarks.
    """

    tissue: Path
    correspondence: Path
    pose: Path | None = None

    @classmethod
    def chosen(cls, tissue: Path | None = None, correspondence: Path | None = None) -> "Models":
        """Return the models that were named, and the shipped ones in place of those that were not."""
        return cls(
            (tissue or shipped_model("tissue")).absolute(),
            (correspondence or shipped_model("correspondence")).absolute(),
            shipped_model("pose"),
        )

    @property
    def by_use(self) -> dict[str, Path]:
        """Folders by what they are used for."""
        folders = {"tissue": self.tissue, "correspondence": self.correspondence}
        return folders if self.pose is None else {**folders, "pose": self.pose}

    def instruments(self) -> Instruments:
        """Load the models."""
        from reepi.mapping.registrar import load_registrar
        from reepi.model.inference import load_segmenter

        return Instruments(load_segmenter(self.tissue), load_registrar(self.correspondence, self.pose))

    @property
    def made_with(self) -> str:
        """What decides what a photograph gives, as this process has it: program, packages and models, as one text."""
        return "|".join([program_hash(), program_versions(), *(model_hash(path) for path in self.by_use.values())])
