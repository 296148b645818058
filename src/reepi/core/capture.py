"""How a study's photographs are taken: the card beside the skin, the colours, and what a good photograph is."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class CaptureProtocol:
    """How photographs are taken and judged; decided before looking, in the section ``[capture]`` of ``study.toml``.

    Parameters
    ----------
    card : "none", "optional" or "required"
        Whether a capture card is looked for, and whether a photograph without one is refused.
    views : tuple of str
        Views that every visit should have. Where none are named, those that a patient's earlier visits have.
    standardise : "never", "card" or "always"
        Which photographs the models see in standardised colour: none, those with a card, or all, those without a card
        by a rougher rule.
    face : "allowed" or "covered"
        Whether the patient's uncovered face may be in a photograph.
    """

    card: Literal["none", "optional", "required"] = "optional"
    views: tuple[str, ...] = ()
    standardise: Literal["never", "card", "always"] = "card"
    face: Literal["allowed", "covered"] = "allowed"
