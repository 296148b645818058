"""Looks at photographs with one model: what its answer tells, what its encoder sees, and how unlike training it is."""

from dataclasses import dataclass
from pathlib import Path

from reepi.core.images import Photograph
from reepi.model.folder import read_model
from reepi.model.inference import load_segmenter
from reepi.model.suggestion.features import Describe, describer
from reepi.model.suggestion.ranking import Candidate
from reepi.model.suggestion.seen import Floats64, Seen, read_seen
from reepi.model.suggestion.signals import Segment, read_signals


@dataclass(frozen=True)
class Examiner:
    """A tissue model that says where annotation would teach it.

    Parameters
    ----------
    segment : callable
        Photograph to tissue probabilities.
    describe : callable
        Pixels to feature.
    seen : Seen or None
        What the model saw in training, if its folder says so.
    """

    segment: Segment
    describe: Describe
    seen: Seen | None

    def examine(self, file: str, photograph: Photograph, readers_differ: float = 0.0) -> Candidate:
        """Return a photograph at working size as a candidate; its file is as in ``photos.csv``."""
        feature = self.feature(photograph)
        distance = None if self.seen is None else self.seen.distance(feature)
        nearer = None if self.seen is None or distance is None else self.seen.share_nearer(distance)
        return Candidate(file, read_signals(self.segment, photograph), feature, readers_differ, distance, nearer)

    def feature(self, photograph: Photograph) -> Floats64:
        """Return what the encoder sees in a photograph, (D,)."""
        return self.describe(photograph.pixels)


def load_examiner(model_dir: Path) -> Examiner:
    """Load the tissue model of a folder with what it saw.

    Raises
    ------
    InputError
        The folder holds no tissue model, or its files are wrong.
    """
    segment = load_segmenter(model_dir)
    return Examiner(segment, describer(read_model(model_dir)[0]), read_seen(model_dir))
