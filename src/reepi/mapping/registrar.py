"""Registers photographs with the correspondence network: predict, fit, refine on the outline, ray-cast, check."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reepi.body.template import BodyTemplate
from reepi.core.correspondence import DensePrediction
from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph, TissueMap
from reepi.core.surface import NO_FACE, Registration
from reepi.core.tissue import Tissue
from reepi.core.views import View
from reepi.mapping.correspondences import Correspondences
from reepi.mapping.dense import correspondences_from_dense
from reepi.mapping.fit import BodyFit, fit_body, refined_on_outline
from reepi.mapping.registration import registration_from_fit

Predictor = Callable[[Photograph, View], DensePrediction]

MAX_RESIDUAL_MM = 45.0
"""Registrations with a larger estimated error [mm] are rejected: lesions would be laid on the wrong region. Photographs
of the declared view stay under 36 on rendered patients; photographs declared as another view are mostly above."""

MAX_RESIDUAL_SHARE = 0.15
"""The same, as a share of the extent of skin shown: 30 mm are little on a trunk and half a hand."""

LEAST_EXPLAINED = 0.75
"""Share of the photograph's skin that the registered body must cover; below it, the body stands somewhere else. Right
registrations of rendered patients cover 0.92 and more."""


@dataclass(frozen=True)
class NetworkRegistrar:
    """Registers photographs by a network's dense prediction.

    Parameters
    ----------
    predict : callable
        Dense prediction of a photograph of a declared view.
    """

    predict: Predictor

    def __call__(self, photograph: Photograph, tissues: TissueMap, view: View, template: BodyTemplate) -> Registration:
        """Return the registration of a photograph.

        Parameters
        ----------
        photograph : Photograph
            At working size.
        tissues : TissueMap
            Of the photograph.
        view : View
            The declared view.
        template : BodyTemplate
            The patient's body.

        Raises
        ------
        PhotographRejected
            No camera and pose explain the photograph well enough.
        """
        correspondences = self.correspondences(photograph, tissues, view, template)
        fit = fit_body(correspondences, view, template, photograph.size, photograph.focal_px)
        fit = refined_on_outline(fit, correspondences, tissues.skin, template, photograph.focal_px)
        registration = registration_from_fit(fit, template, correspondences.source)
        check_fit(fit, view)
        check_cover(registration, tissues, view)
        return registration

    def correspondences(
        self, photograph: Photograph, tissues: TissueMap, view: View, template: BodyTemplate
    ) -> Correspondences:
        """Return what the network says of a photograph, for a fit to which a reader adds points."""
        return correspondences_from_dense(self.predict(photograph, view), tissues, template)


def load_registrar(model_dir: Path) -> NetworkRegistrar:
    """Return the registrar of a model folder with a correspondence network.

    Raises
    ------
    InputError
        The folder holds no such model.
    """
    from reepi.model.inference import load_correspondence_predictor

    return NetworkRegistrar(load_correspondence_predictor(model_dir))


def check_fit(fit: BodyFit, view: View) -> None:
    """Let a fit pass the gate.

    Raises
    ------
    PhotographRejected
        Its estimated error is too large, for any skin or for as little as the photograph shows.
    """
    limit_mm = min(MAX_RESIDUAL_MM, MAX_RESIDUAL_SHARE * fit.extent_mm)
    if not fit.residual_mm <= limit_mm:
        raise _rejected(view, f"its place on the body is uncertain by {fit.residual_mm:.0f} mm (limit {limit_mm:.0f})")


def check_cover(registration: Registration, tissues: TissueMap, view: View) -> None:
    """Let a registration pass the gate.

    Raises
    ------
    PhotographRejected
        The body that was found does not cover the photograph's skin.
    """
    explained = explained_share(registration, tissues)
    if explained < LEAST_EXPLAINED:
        raise _rejected(view, f"the body found covers only {100 * explained:.0f} % of the skin in it")


def explained_share(registration: Registration, tissues: TissueMap) -> float:
    """Return the share of a photograph's skin that lies on the registered body, 0 to 1."""
    skin = tissues.probabilities[Tissue.BACKGROUND] < 0.5
    return float((registration.faces[skin] != NO_FACE).mean()) if skin.any() else 0.0


def _rejected(view: View, why: str) -> PhotographRejected:
    return PhotographRejected(
        "not_registered",
        f"{why}. Check that it shows {view.name} of this patient, or take it again with the whole body part in the "
        f"picture.",
    )
