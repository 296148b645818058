"""Registers photographs with the correspondence network: predict, name the view, fit, refine on the outline, judge."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from reepi.body.template import BodyTemplate
from reepi.core.correspondence import Correspondences, DensePrediction
from reepi.core.errors import PhotographRejected
from reepi.core.findings import PLACE_BY_HAND, REMEDIES
from reepi.core.images import Photograph, TissueMap
from reepi.core.landmarks import BodyLandmarks
from reepi.core.surface import NO_FACE, Registration
from reepi.core.tissue import Tissue
from reepi.core.views import VIEWS, View, confused_views
from reepi.mapping.confidence import unsure_cells
from reepi.mapping.dense import correspondences_from_dense
from reepi.mapping.doubt import Evidence, predicted_error_mm
from reepi.mapping.earlier import RegisteredPhotograph, correspondences_from_earlier
from reepi.mapping.fit import OUTLINE_REACH_M, BodyFit, fit_body, refined_on_outline
from reepi.mapping.framing_odds import framing_faults
from reepi.mapping.framing_signs import FramingSigns, framing_signs, skin_seen
from reepi.mapping.landmarks import facing
from reepi.mapping.outline import skin_edges
from reepi.mapping.registration import registration_from_fit, registration_from_pose

HEAD_ON = "head_anterior"
"""View of the face."""

WHOLE = "whole"
"""Part that is framed where a person's landmarks are looked for."""

WHOLE_VIEWS = tuple(view.name for view in VIEWS.values() if view.part == WHOLE)

IN_PROFILE = 0.2
"""A person whose `facing` is nearer to 0 than this is seen from the side, and neither from before nor from behind."""

FACING_ODDS = 5.0
"""How much more probable front is than back where a pose network sees a person squarely from before. Of 40 whole
rendered patients it has 37 the right way round, but only 13 of 20 with a cloth over the face, and who has one it cannot
tell (``python benchmarks/pose.py``): 50 of 60 in all."""

Predictor = Callable[[Photograph, View], DensePrediction]
PoseFinder = Callable[[Photograph], BodyLandmarks]

MAX_ERROR_MM = 20.0
"""Registrations with a larger predicted error [mm] are rejected: lesions would be laid on the wrong region. Of 584
rendered photographs (``benchmarks/mapping.py``, seeds 1000, 2000 and 3000) that stops 50 of 54 that are off by over
5 cm, and 92 of 530 others; of 293 of these that are taken as a study's, 9."""

MAX_ERROR_SHARE = 0.15
"""The same, as a share of the extent of skin shown: 20 mm are little on a trunk and half a hand."""

NOT_JUDGED_MM = float("nan")
"""Error of a registration that is only a step on the way [mm]."""

LEAST_EXPLAINED = 0.75
"""Share of the photograph's skin that the registered body must cover; below it, the body stands somewhere else. Right
registrations of rendered patients cover 0.92 and more."""

OTHER_VIEW_ODDS = 8.0
"""A view that is so many times more probable than the declared one, and that is easily declared for it, is named as the
one that the photograph shows."""

COVERED_FACE_ODDS = 200.0
"""The same for the front of a head: with a cloth over the face, as a protocol may ask for, it looks like the back, with
odds of up to 142 in 20 photographs of rendered patients (seeds 91 and 193). Odds of a true back are above 1000."""


class Unplaced(PhotographRejected):
    """The photograph has no place on the body, since too little in it was recognised.

    Parameters
    ----------
    code, explanation : str
        See `PhotographRejected`.
    skin : float
        Share of the picture that both networks hold for skin, 0 to 1.
    """

    def __init__(self, code: str, explanation: str, skin: float) -> None:
        self.skin = skin
        super().__init__(code, explanation)

    def __reduce__(self) -> tuple[type[PhotographRejected], tuple[object, ...]]:
        """Travel between processes with the share."""
        return type(self), (self.code, self.explanation, self.skin)


class NotRegistered(Unplaced):
    """A body was laid on the photograph, but not well enough to measure on it.

    Parameters
    ----------
    code, explanation : str
        See `PhotographRejected`.
    signs : FramingSigns
        What tells how the photograph is framed.
    """

    def __init__(self, code: str, explanation: str, signs: FramingSigns) -> None:
        self.signs = signs
        super().__init__(code, explanation, signs.skin)

    def __reduce__(self) -> tuple[type[PhotographRejected], tuple[object, ...]]:
        """Travel between processes with the signs."""
        return type(self), (self.code, self.explanation, self.signs)


@dataclass(frozen=True)
class Attempt:
    """A registration before it is judged, with what it is judged by.

    Parameters
    ----------
    view : View
        The declared view.
    other_view : str or None
        View that the photograph shows instead, where that is clear.
    evidence : Evidence
        What tells its quality.
    registration : Registration
        With the error that the evidence predicts.
    signs : callable
        Returns what tells how the photograph is framed.
    sure : Registration
        The same without the faces whose place is not sure; see `unsure_cells`.
    """

    view: View
    other_view: str | None
    evidence: Evidence
    registration: Registration
    signs: Callable[[], FramingSigns]
    sure: Registration

    def judged(self) -> Registration:
        """Return the registration, with what was seen of framing and face, if it passes the gate.

        It has no faces where their place is not sure, as of limbs that are in the picture by chance.

        Raises
        ------
        PhotographRejected
            The photograph shows another view than declared, the predicted error is too large, the body found does not
            cover the photograph's skin, or none of it is surely placed.
        """
        if self.other_view is not None:
            raise self._rejected(f"it looks like {self.other_view}, not {self.view.name}", "wrong_view")
        error_mm = self.registration.residual_mm
        limit_mm = min(MAX_ERROR_MM, MAX_ERROR_SHARE * self.evidence.extent_mm)
        if not error_mm <= limit_mm:
            raise self._rejected(f"its place on the body is uncertain by {error_mm:.0f} mm (limit {limit_mm:.0f})")
        if self.evidence.explained < LEAST_EXPLAINED:
            share = f"{100 * self.evidence.explained:.0f} %"
            raise self._rejected(f"the body found covers only {share} of the skin in it")
        if not (self.sure.drawn != NO_FACE).any():
            raise self._rejected("no part of it is surely placed on the body")
        signs = self.signs()
        return replace(self.sure, framing_faults=framing_faults(signs), bare_face=signs.bare_face)

    def _rejected(self, why: str, code: str = "not_registered") -> NotRegistered:
        signs = self.signs()
        if code == "not_registered" and not framing_faults(signs):
            remedy = f"It is framed as it should be. {REMEDIES[PLACE_BY_HAND]}"
            return NotRegistered(PLACE_BY_HAND, f"{why}. {remedy}", signs)
        remedy = (
            f"Check that it shows {self.view.name} of this patient, or take it again with the whole body part in the "
            f"picture."
        )
        return NotRegistered(code, f"{why}. {remedy}", signs)


@dataclass(frozen=True)
class NetworkRegistrar:
    """Registers photographs by a network's dense prediction.

    Parameters
    ----------
    predict : callable
        Dense prediction of a photograph of a declared view.
    find_pose : callable, optional
        Landmarks of the person in a photograph, which guide the body where a whole person is declared.
    """

    predict: Predictor
    find_pose: PoseFinder | None = None

    def __call__(
        self,
        photograph: Photograph,
        tissues: TissueMap,
        view: View,
        template: BodyTemplate,
        earlier: RegisteredPhotograph | None = None,
    ) -> Registration:
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
        earlier : RegisteredPhotograph, optional
            The same view of an earlier day; skin that is found again is laid where it was laid then.

        Raises
        ------
        PhotographRejected
            No camera and pose explain the photograph well enough, or it shows another view.
        """
        prediction = self.predict(photograph, view)
        said = correspondences_from_dense(prediction, tissues, template)
        try:
            found = self._attempt(prediction, said, photograph, tissues, view, template, earlier).judged()
        except PhotographRejected as rejection:
            rejection.correspondences = said
            raise
        return replace(found, correspondences=said)

    def attempt(
        self,
        photograph: Photograph,
        tissues: TissueMap,
        view: View,
        template: BodyTemplate,
        earlier: RegisteredPhotograph | None = None,
    ) -> Attempt:
        """Return the registration of a photograph before it is judged; parameters as in `__call__`.

        Raises
        ------
        Unplaced
            No camera and pose explain the photograph at all.
        """
        prediction = self.predict(photograph, view)
        said = correspondences_from_dense(prediction, tissues, template)
        return self._attempt(prediction, said, photograph, tissues, view, template, earlier)

    def _attempt(
        self,
        prediction: DensePrediction,
        correspondences: Correspondences,
        photograph: Photograph,
        tissues: TissueMap,
        view: View,
        template: BodyTemplate,
        earlier: RegisteredPhotograph | None,
    ) -> Attempt:
        landmarks = self.find_pose(photograph) if self.find_pose and view.part == WHOLE else None
        views = prediction.views
        if landmarks is not None:
            side = facing(landmarks)
            views = told_by_pose(views, side)
            if side * facing_of(view) < -IN_PROFILE:
                # It has front and back the other way round, or the declared view has: they do not go together.
                landmarks = None
        try:
            fit = fit_body(correspondences, view, template, photograph.size, photograph.focal_px, landmarks)
        except PhotographRejected as rejection:
            skin = skin_seen(prediction, tissues)
            raise Unplaced(rejection.code, rejection.explanation, skin) from None
        far, *nearer = OUTLINE_REACH_M
        refine = partial(
            refined_on_outline,
            edges=skin_edges(tissues.skin),
            template=template,
            focal_px=photograph.focal_px,
            landmarks=landmarks,
        )
        fit, source = refine(fit, correspondences, reaches_m=[far]), correspondences.source
        if earlier is not None:
            # Near enough now for skin to be found again, which holds the body in the last round.
            laid = registration_from_pose(fit.camera, fit.pose, template, NOT_JUDGED_MM, None, fit.measures)
            now = RegisteredPhotograph(photograph, tissues.mask, laid)
            again = correspondences_from_earlier(now, earlier, template)
            if again is not None:
                correspondences, source = correspondences.joined(again), again.source
        fit = refine(fit, correspondences, reaches_m=nearer)
        registration = registration_from_fit(fit, template, source)
        sure = registration.without(unsure_cells(registration, correspondences, template))
        evidence = evidence_of(fit, correspondences, explained_share(registration, tissues), views, view)
        registration, sure = (replace(each, residual_mm=predicted_error_mm(evidence)) for each in (registration, sure))
        signs = partial(framing_signs, prediction, tissues, registration, 1 - evidence.view, view, template)
        return Attempt(view, other_view(views, view), evidence, registration, signs, sure)

    def guessed_view(self, photograph: Photograph) -> tuple[View, float]:
        """Return the view that a photograph most likely shows, whatever was declared, and how probable that is."""
        views = self.predict(photograph, VIEWS["whole_anterior"]).views
        best = max(views, key=lambda name: views[name])
        return VIEWS[best], views[best]

    def correspondences(
        self, photograph: Photograph, tissues: TissueMap, view: View, template: BodyTemplate
    ) -> Correspondences:
        """Return what the network says of a photograph, for a fit to which a reader adds points.

        It is what the review reads of the results, so that both place the photograph alike.
        """
        return correspondences_from_dense(self.predict(photograph, view), tissues, template).kept


def load_registrar(model_dir: Path, pose_dir: Path | None = None) -> NetworkRegistrar:
    """Return the registrar of a model folder with a correspondence network, and one with a pose network if given.

    Raises
    ------
    InputError
        A folder holds no such model.
    """
    from reepi.model.inference import load_correspondence_predictor
    from reepi.model.pose import load_pose_finder

    find_pose = None if pose_dir is None else load_pose_finder(pose_dir)
    return NetworkRegistrar(load_correspondence_predictor(model_dir), find_pose)


def evidence_of(
    fit: BodyFit, correspondences: Correspondences, explained: float, views: Mapping[str, float], declared: View
) -> Evidence:
    """Return what tells the quality of a fit.

    Parameters
    ----------
    fit : BodyFit
        Camera and pose.
    correspondences : Correspondences
        What it was made from.
    explained : float
        Share of the photograph's skin that lies on the registered body, 0 to 1.
    views : mapping of str to float
        Probability of each view, as the network sees it.
    declared : View
        The declared view.
    """
    rivals = sum(views[name] for name in confused_views(declared.name))
    own = views[declared.name]
    quality = fit.quality
    return Evidence(
        quality.offset_mm,
        quality.spread_mm,
        quality.extent_mm,
        1000 * float(np.median(correspondences.sigma_m)),
        quality.trusted,
        explained,
        fit.on_edge,
        own / max(own + rivals, 1e-9),
    )


def facing_of(view: View) -> float:
    """Return `facing` as a declared view of a whole person has it."""
    return 1.0 if view.aspect == "anterior" else -1.0


def told_by_pose(probabilities: Mapping[str, float], side: float) -> dict[str, float]:
    """Return the probabilities of the views after a pose network told the side it sees, see `facing`."""
    odds = {name: FACING_ODDS ** (side * facing_of(VIEWS[name]) / 2) for name in WHOLE_VIEWS}
    told = {name: share * odds.get(name, 1.0) for name, share in probabilities.items()}
    total = sum(told.values())
    return {name: share / total for name, share in told.items()}


def other_view(probabilities: Mapping[str, float], declared: View) -> str | None:
    """Return the view that a photograph clearly shows instead of the declared one, if any.

    Parameters
    ----------
    probabilities : mapping of str to float
        Of each view, as the network sees it.
    declared : View
        The declared view. Only views that differ from it in side or surface are considered: how much of a limb is
        framed does no harm.
    """
    rivals = confused_views(declared.name)
    best = max(rivals, key=lambda name: probabilities[name])
    odds = COVERED_FACE_ODDS if declared.name == HEAD_ON else OTHER_VIEW_ODDS
    return best if probabilities[best] > odds * max(probabilities[declared.name], 1e-6) else None


def explained_share(registration: Registration, tissues: TissueMap) -> float:
    """Return the share of a photograph's skin that lies on the registered body, 0 to 1."""
    skin = registration.at_drawn(tissues.probabilities[Tissue.BACKGROUND]) < 0.5
    return float((registration.drawn[skin] != NO_FACE).mean()) if skin.any() else 0.0
