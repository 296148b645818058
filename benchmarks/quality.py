"""Plant faults in good photographs and count which are caught, and how many good ones are refused.

Run with ``python benchmarks/quality.py [--photographs 40] [--seed 77] [--real DIR ...]``. Good photographs are rendered
patients as a clinic that keeps to a standard would take them, and takes again with less light where the camera warns of
skin that is burnt out: white, or with a colour channel at its end.
Each is judged as it is, and again with each fault:

- blurred: a blur of 2 px at working size; shaken: a movement of 9 px in any direction;
- dark: an eighth of the light, with noise; overexposed: three times the light;
- glare: white spots, each up to 1 % of the skin, on 6 to 12 % of it;
- colour_cast: white balance of another lamp: incandescent light in daylight balance or the reverse, green tubes;
- low_resolution: reduced to 400 px;
- too_little_skin: the bedding alone;
- too_far, too_near, view_incomplete: rendered anew with the part filling 0.3 to 0.45 of the picture, 1.5 to 2.1, or
  with a third to a half of the part out of the picture;
- wrong side, wrong surface: declared as the opposite one;
- face_uncovered: a face without dressings, where faces have to be covered; the same face under a cloth must pass;
- scale_differs: a scale that is wrong by 40 %; the true one must pass;
- repeated: the same picture, reduced and written again.

A fault counts as caught if its own finding is told; beside it stands how many are refused for any reason, such as a
body that is not found. ``--real`` names folders of photographs, without truth: the faults of pixels are planted in them
too. Limits were chosen on other seeds and photographs than those of the defaults.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate, build_template
from reepi.cli.models import Models
from reepi.core.capture import CaptureProtocol
from reepi.core.findings import Finding
from reepi.core.images import Photograph, Pixels
from reepi.core.tissue import Tissue
from reepi.core.views import VIEWS, View
from reepi.imaging.likeness import fingerprint, repeated
from reepi.imaging.quality import pixel_findings
from reepi.imaging.reading import read_photograph
from reepi.inspection import Look, Register, Seen, Segment, photograph_findings, registered_or_not
from reepi.mapping.framing import FEWEST_FACE_PIXELS, face_faces
from reepi.phantom.backgrounds import draw_background
from reepi.phantom.capture import jpeg
from reepi.phantom.framing import Framing, draw_framing
from reepi.phantom.lighting import kelvin_colour
from reepi.phantom.looks import encoded, linear
from reepi.phantom.patients import PhantomPatient, on_day
from reepi.phantom.rendering import RenderedPhotograph, render_photograph
from reepi.phantom.scene import draw_scene
from reepi.phantom.study import STANDARD_DAYS, STANDARD_VIEWS, StudyOptions, study_patient

CAPTURE = CaptureProtocol()

LAMPS = (kelvin_colour(2700), 1 / kelvin_colour(2700), np.array([0.73, 1, 0.70]))
"""White balance of another lamp [gain of each channel]: incandescent in daylight balance, the reverse, green tubes."""

EXPOSURES = (1.0, 0.6, 0.36, 0.22)
"""Light with which a photograph is taken until hardly any skin is burnt out, over what the skin alone would get."""

MOST_BURNT_OUT = 0.02
WHITE = 245
"""Share of the bare skin that may be white, and the grey value from which it is."""

MOST_CLIPPED = 0.2
CLIPPED = 254
"""Share of the bare skin that may have a channel at its end, and the value from which it is."""

BARE = 0.5
"""Share of a face without dressings from which it is uncovered."""

SIDES = {"left": "right", "right": "left"}
SURFACES = {"anterior": "posterior", "posterior": "anterior"}


def blurred(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Return a photograph out of focus by 2 px."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 2.0), np.uint8)


def shaken(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Return a photograph whose camera moved by 9 px."""
    angle, kernel = rng.uniform(0, np.pi), np.zeros((11, 11), np.float32)
    reach = 4.5 * np.array([np.cos(angle), np.sin(angle)])
    ends = [tuple(int(value) for value in np.rint(5 + sign * reach)) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), np.uint8)


def lit(pixels: Pixels, gain: npt.ArrayLike, rng: np.random.Generator, noise: float = 0.0) -> Pixels:
    """Return a photograph in another light, a gain per channel, with sensor noise."""
    light = linear(pixels) * np.asarray(gain, np.float32)
    light = light + np.sqrt(np.maximum(light, 0) / 0.18) * noise * rng.standard_normal(light.shape)
    return np.asarray(np.clip(encoded(light.astype(np.float32)) * 255 + 0.5, 0, 255), np.uint8)


def glaring(pixels: Pixels, skin: npt.NDArray[np.bool_], rng: np.random.Generator) -> Pixels:
    """Return a photograph with white spots on 6 to 12 % of its skin."""
    places, wanted = np.argwhere(skin), rng.uniform(0.06, 0.12) * skin.sum()
    alpha = np.zeros(skin.shape, np.float32)
    while (alpha[skin] > 0.9).sum() < wanted:
        y, x = places[rng.integers(len(places))]
        radius = max(3, int(np.sqrt(0.012 * skin.sum() / np.pi) * rng.uniform(0.5, 1.0)))
        cv2.circle(alpha, (int(x), int(y)), radius, 1.0, -1)
    alpha = (cv2.GaussianBlur(alpha, (0, 0), 2.0) * skin)[..., None]
    return np.asarray(pixels * (1 - alpha) + 254 * alpha, np.uint8)


PIXEL_FAULTS: dict[str, Callable[[Pixels, np.random.Generator], Pixels]] = {
    "blurred": blurred,
    "shaken": shaken,
    "dark": lambda pixels, rng: lit(pixels, 1 / 8, rng, 0.01),
    "overexposed": lambda pixels, rng: lit(pixels, 3.0, rng),
    "colour_cast": lambda pixels, rng: lit(pixels, LAMPS[rng.integers(len(LAMPS))], rng),
}


@dataclass
class Tally:
    """How often each kind was tried, told, and refused for whatever reason; and what was told."""

    tried: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    told: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    refused: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    codes: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))

    def add(self, kind: str, codes: list[str], refused: bool, code: str | None = None) -> None:
        """Count one photograph of a kind; ``code`` is the finding that it should have."""
        self.tried[kind] += 1
        self.told[kind] += (code or kind) in codes
        self.refused[kind] += refused
        for each in codes:
            self.codes[kind][each] += 1

    def show(self, title: str) -> None:
        """Print a line for each kind."""
        print(f"{title}\n{'planted':18s}{'tried':>7s}{'caught %':>10s}{'refused %':>11s}  told")
        for kind, tried in self.tried.items():
            share = "" if kind.startswith("good") else f"{100 * self.told[kind] / tried:.1f}"
            told = ", ".join(f"{code} {count}" for code, count in sorted(self.codes[kind].items()))
            print(f"{kind:18s}{tried:7d}{share:>10s}{100 * self.refused[kind] / tried:11.1f}  {told}", flush=True)


@dataclass
class Bench:
    """The instruments, and what they found."""

    segment: Segment
    register: Register
    tally: Tally = field(default_factory=Tally)

    def pixels(self, kind: str, photograph: Photograph, code: str | None = None) -> None:
        """Judge a photograph by its pixels alone."""
        self._count(kind, pixel_findings(photograph, CAPTURE, self.segment(photograph).mask), code)

    def whole(
        self,
        kind: str,
        photograph: Photograph,
        view: View,
        template: BodyTemplate,
        capture: CaptureProtocol = CAPTURE,
        code: str | None = None,
    ) -> Look:
        """Judge a photograph by everything."""
        tissues = self.segment(photograph)
        registration = registered_or_not(self.register, photograph, tissues, view, template)
        look = Look(Seen(photograph, photograph, tissues), view, template, registration)
        self.again(kind, look, capture, code)
        return look

    def again(self, kind: str, look: Look, capture: CaptureProtocol = CAPTURE, code: str | None = None) -> None:
        """Judge what was looked at already."""
        self._count(kind, photograph_findings(look, capture), code)

    def _count(self, kind: str, findings: tuple[Finding, ...], code: str | None) -> None:
        self.tally.add(kind, [each.code for each in findings], any(each.refuses for each in findings), code)


def render(patient: PhantomPatient, day: int, view: str, framing: Framing, seed: list[int]) -> RenderedPhotograph:
    """Return a photograph as a clinic that keeps to a standard takes it, in the framing that was given.

    The camera exposes for the skin in the middle of its range, which burns out wounds of dark skin; who looks at it
    then takes it again with less light, as is done here.
    """
    of_day = np.random.default_rng([*seed, 1])
    subject = on_day(patient, day, of_day, int(of_day.integers(0, 5)), clothed=False)
    for light in EXPOSURES:
        rng = np.random.default_rng([*seed, 2])
        scene = draw_scene(rng, patient.template, view, framing, tidy=True)
        capture = replace(scene.capture, brightness=light * scene.capture.brightness)
        taken = render_photograph(subject, replace(scene, capture=capture), rng)
        if not burnt_out(taken):
            break
    return taken


def burnt_out(taken: RenderedPhotograph) -> bool:
    """Say whether a camera would warn of truly bare skin that is white or has a channel at its end."""
    bare = ~np.isin(taken.mask, (Tissue.BACKGROUND, Tissue.COVERED))
    if not bare.any():
        return False
    grey = cv2.cvtColor(taken.pixels, cv2.COLOR_RGB2GRAY)[bare]
    white, clipped = (grey >= WHITE).mean(), (taken.pixels[bare].max(axis=-1) >= CLIPPED).mean()
    return bool(white > MOST_BURNT_OUT or clipped > MOST_CLIPPED)


def photograph_of(pixels: Pixels) -> Photograph:
    """Return pixels as they come from a file."""
    return Photograph(jpeg(pixels, 90), (pixels.shape[0], pixels.shape[1]))


def with_cloth(rendered: RenderedPhotograph, template: BodyTemplate, rng: np.random.Generator) -> Pixels | None:
    """Return a photograph with a cloth over the face; None where it shows none."""
    face = np.append(face_faces(template), False)[rendered.faces]
    if face.sum() < FEWEST_FACE_PIXELS:
        return None
    reach = max(5, int(0.5 * np.sqrt(face.sum())))
    hull = cv2.convexHull(np.argwhere(face)[:, ::-1].astype(np.int32))
    alpha = cv2.fillConvexPoly(np.zeros(face.shape, np.uint8), hull, 1)
    alpha = cv2.dilate(alpha, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    colour = np.array([(240, 240, 238), (90, 140, 190), (110, 165, 140)][rng.integers(3)], np.float32)
    folds = cv2.GaussianBlur(rng.normal(0, 1, face.shape).astype(np.float32), (0, 0), max(2.0, reach / 6))
    cloth = colour * (0.9 + 0.08 * folds / max(float(folds.std()), 1e-6))[..., None]
    return np.asarray(np.where(alpha[..., None] > 0, np.clip(cloth, 0, 255), rendered.pixels), np.uint8)


def opposite(view: View, pairs: dict[str, str]) -> View | None:
    """Return the view of the other side, or of the other surface."""
    for ours, theirs in pairs.items():
        name = view.name.replace(ours, theirs)
        if ours in view.name and name in VIEWS:
            return VIEWS[name]
    return None


def framings(framing: Framing, rng: np.random.Generator) -> dict[str, Framing]:
    """Return the framing of each geometric fault."""
    off = rng.choice([-1, 1]) * rng.uniform(0.34, 0.48)
    portrait = framing.size[0] > framing.size[1]
    return {
        "too_far": replace(framing, fill=float(rng.uniform(0.3, 0.45))),
        "too_near": replace(framing, fill=float(rng.uniform(1.5, 2.1))),
        "view_incomplete": replace(framing, shift=(0.0, float(off)) if portrait else (float(off), 0.0)),
    }


def judge_rendered(bench: Bench, number: int, seed: int, pixels_only: bool) -> Pixels:
    """Judge one good photograph and all its faults."""
    rng = np.random.default_rng([seed, 5, number])
    view = VIEWS[STANDARD_VIEWS[number % len(STANDARD_VIEWS)]]
    options = StudyOptions(Path(), 1, seed)
    patient = study_patient(options, number // 5)
    known = build_template(patient.patient)
    day = STANDARD_DAYS[number % len(STANDARD_DAYS)]
    framing = draw_framing(rng, options.long_side, wide=False)
    good = render(patient, day, view.name, framing, [seed, number])
    if pixels_only:
        photograph = photograph_of(good.pixels)
        bench.pixels("good", photograph)
        _judge_pixels(bench, photograph, good.mask > 0, rng)
        return photograph.pixels
    look = bench.whole("good", photograph_of(good.pixels), view, known)
    _judge_pixels(bench, look.seen.photograph, good.mask > 0, rng)
    empty = encoded(draw_background(rng, framing.size, (), True))
    bench.whole("too_little_skin", photograph_of((255 * empty.clip(0, 1)).astype(np.uint8)), view, known)
    for kind, other in framings(framing, rng).items():
        shown = render(patient, day, view.name, other, [seed, number])
        bench.whole(kind, photograph_of(shown.pixels), view, known)
    for kind, pairs in (("wrong side", SIDES), ("wrong surface", SURFACES)):
        if (turned := opposite(view, pairs)) is not None:
            bench.whole(kind, look.seen.photograph, turned, known, code="wrong_view")
    _judge_face(bench, good, look, rng)
    _judge_scale(bench, good, look, patient.template)
    return look.seen.photograph.pixels


def _judge_pixels(bench: Bench, photograph: Photograph, skin: npt.NDArray[np.bool_], rng: np.random.Generator) -> None:
    for kind, fault in PIXEL_FAULTS.items():
        faulty = jpeg(fault(photograph.pixels, rng), 90)
        bench.pixels(kind, replace(photograph, pixels=faulty), "blurred" if kind == "shaken" else None)
    bench.pixels("glare", replace(photograph, pixels=jpeg(glaring(photograph.pixels, skin, rng), 90)))
    scale = 400 / max(photograph.size)
    small = cv2.resize(photograph.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    bench.pixels("low_resolution", Photograph(np.asarray(small, np.uint8), (small.shape[0], small.shape[1])))


def _judge_face(bench: Bench, good: RenderedPhotograph, look: Look, rng: np.random.Generator) -> None:
    covered = with_cloth(good, look.template, rng)
    if covered is None:
        return
    strict = replace(CAPTURE, face="covered")
    face = good.mask[np.append(face_faces(look.template), False)[good.faces]]
    if (face != Tissue.COVERED).mean() > BARE:
        bench.again("face_uncovered", look, strict)
    bench.whole("good, face covered", photograph_of(covered), look.view, look.template, strict)


def _judge_scale(bench: Bench, good: RenderedPhotograph, look: Look, body: BodyTemplate) -> None:
    """Judge a scale that is told, where the body was found; the depth of the skin is that of the patient's own body."""
    faces = good.faces[good.faces >= 0]
    centres = good_points(good, body)[faces]
    true = 1000 * float(np.median(good.camera.in_camera_axes(centres)[:, 2])) / good.camera.focal_px
    bench.again("good, scale told", replace(look, mm_per_px=true))
    bench.again("scale_differs", replace(look, mm_per_px=true * 1.4))


def good_points(good: RenderedPhotograph, template: BodyTemplate) -> npt.NDArray[np.float64]:
    """Return the centre of every face of the posed body (F, 3) [m]."""
    from reepi.body.articulation import rotations

    return np.asarray(template.posed(rotations(template, good.pose))[template.faces].mean(axis=1))


def judge_repeats(tally: Tally, pictures: list[Pixels]) -> None:
    """Judge pictures together with a copy of each, reduced and written again."""
    copies = [
        jpeg(np.asarray(cv2.resize(each, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)), 70) for each in pictures
    ]
    prints = {f"good {k}": fingerprint(bytes([k % 256, k // 256, 0]), each) for k, each in enumerate(pictures)}
    prints |= {f"copy {k}": fingerprint(bytes([k % 256, k // 256, 1]), each) for k, each in enumerate(copies)}
    found = repeated(prints)
    for name in prints:
        kind = "repeated" if name.startswith("copy") else "good, once"
        tally.add(kind, ["repeated"] if name in found else [], False)


def judge_real(bench: Bench, folder: Path, count: int, seed: int) -> None:
    """Judge photographs of a folder, and the faults of pixels in them."""
    rng = np.random.default_rng([seed, 6])
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    for place in rng.permutation(len(files))[:count]:
        photograph = read_photograph(files[place])
        skin = bench.segment(photograph).mask > 0
        bench.pixels("good", photograph)
        if skin.mean() > 0.02:
            _judge_pixels(bench, photograph, skin, rng)


def main() -> None:
    """Plant, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--photographs", type=int, default=40)
    parser.add_argument("--pixels-only", action="store_true", help="leave out what needs the body")
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--real", type=Path, nargs="*", default=[])
    parser.add_argument("--real-photographs", type=int, default=40)
    options = parser.parse_args()
    instruments = Models.chosen().instruments()
    bench = Bench(instruments.segment, instruments.register)
    start = time.perf_counter()
    if options.photographs:
        judge_repeats(
            bench.tally,
            [judge_rendered(bench, k, options.seed, options.pixels_only) for k in range(options.photographs)],
        )
        bench.tally.show(f"Rendered, seed {options.seed}, {time.perf_counter() - start:.0f} s")
    for folder in options.real:
        real = Bench(instruments.segment, instruments.register)
        judge_real(real, folder, options.real_photographs, options.seed)
        real.tally.show(f"Real, {folder.parent.name if folder.name == 'images' else folder.name}, seed {options.seed}")


if __name__ == "__main__":
    main()
