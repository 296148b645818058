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
    standardise : "never", "card" or "always"
        Which photographs the models see in standardised colour: none, those with a card, or all, those without a card
        by a rougher rule.
    face : "allowed" or "covered"
        Whether the patient's uncovered face may be in a photograph.
    mask_eyes : bool
        Whether eyes are hidden in everything that reepi draws of a photograph: overlays and reports.
    """

    card: Literal["none", "optional", "required"] = "optional"
    standardise: Literal["never", "card", "always"] = "card"
    face: Literal["allowed", "covered"] = "allowed"
    mask_eyes: bool = False
