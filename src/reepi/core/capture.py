"""How a study's photographs are taken: the card beside the skin, the colours, and what a good photograph is."""

from dataclasses import dataclass
from typing import Final, Literal

from reepi.core.findings import REMEDIES, Finding

REFUSED: Final = (
    "blurred",
    "dark",
    "overexposed",
    "glare",
    "colour_cast",
    "low_resolution",
    "too_little_skin",
    "view_incomplete",
    "too_far",
    "too_near",
    "wrong_view",
    "face_uncovered",
    "card_missing",
)
"""What a photograph should be taken again for, unless a study says otherwise: what can be mended at the bedside."""


@dataclass(frozen=True)
class CaptureProtocol:
    """How photographs are taken and judged; decided before looking, in the section ``[capture]`` of ``study.toml``.

    The limits lie outside what good photographs have: rendered ones of a clinic that keeps to a standard, and real ones
    of skin (``python benchmarks/quality.py``).

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
    refuse : tuple of str
        Codes of findings for which a photograph should be taken again; the others are told.
    blur_px : float
        Largest blur, as the standard deviation of a Gaussian [px at working size, whose long side is 1024]. At more,
        the edges of small erosions merge with the skin around them; good photographs have 0.5 to 1.8. A photograph
        that is smaller has a smaller limit, so that a blurred one does not pass by being reduced.
    least_lightness : float
        Least lightness of the brightest twentieth of the skin [CIE L*, 0 to 100]; six tenths of it where something else
        in the picture is well lit, so that dark skin passes. Below it, an eighth of the light that was needed fell on
        the skin, and noise hides its colours; good photographs have 63 and more.
    clipped_percent : float
        Largest share of the skin [%] in which a colour channel is at its end, so that its colour is lost. Good
        photographs have at most 19.
    glare_percent : float
        Largest share of the skin [%] that is burnt out to white, without dressings. Good photographs have at most 4,
        moist wounds included.
    cast_stops : float
        How far the light's colour may be off [stops between colour channels], beyond what the colours of human skin
        leave open. It is judged only where no card corrects it.
    least_side_px : int
        Least long side of the original [px]: below it, erosions of a few millimetres are lost.
    least_skin_percent : float
        Least share of the picture [%] that is skin; views of the whole body have 15 and more.
    least_inside_percent : float
        Least share of the declared surface [%], as it is turned to the camera, that lies within the picture. Good
        photographs have 92 and more, and as much again is uncertain in the place of the body.
    aside_percent : float
        Largest share of the picture [%] by which the body part may reach beyond one side while the other has room. Good
        photographs have at most 12.
    least_fill_percent, most_fill_percent : float
        Least and largest extent of the body part over that of the picture [%]. Good photographs have 76 to 107; at half
        of that, a millimetre of skin has half the pixels.
    bare_face_percent : float
        Largest share of the face, from mouth to brows, that may be bare skin [%] where faces have to be covered.
    scale_percent : float
        Largest difference [%] of the scale that a card or a number tells from that of the registered body.
    visit_window_days : int
        A photograph belongs to a planned visit within so many days.
    chart : bool
        Whether a commercial chart of 24 patches is looked for in photographs without a card; it tells colours only.
    mask_eyes : bool
        Whether eyes are hidden in everything that reepi draws of a photograph: overlays and reports.
    """

    card: Literal["none", "optional", "required"] = "optional"
    views: tuple[str, ...] = ()
    standardise: Literal["never", "card", "always"] = "card"
    face: Literal["allowed", "covered"] = "allowed"
    refuse: tuple[str, ...] = REFUSED
    blur_px: float = 1.88
    least_lightness: float = 42.0
    clipped_percent: float = 30.0
    glare_percent: float = 4.6
    cast_stops: float = 0.05
    least_side_px: int = 480
    least_skin_percent: float = 4.0
    least_inside_percent: float = 85.0
    aside_percent: float = 14.0
    least_fill_percent: float = 60.0
    most_fill_percent: float = 120.0
    bare_face_percent: float = 40.0
    scale_percent: float = 20.0
    visit_window_days: int = 1
    chart: bool = False
    mask_eyes: bool = False

    def finding(
        self, code: str, measured: float | None = None, limit: float | None = None, remedy: str | None = None
    ) -> Finding:
        """Return what was found, with its remedy and whether it refuses in this study."""
        return Finding(code, remedy or REMEDIES[code], measured, limit, code in self.refuse)
