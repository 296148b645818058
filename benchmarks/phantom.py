"""Seconds per rendered photograph, by step, and the extent that random courses reach against the extent asked for.

Run with ``python benchmarks/phantom.py``.
"""

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from reepi.core.study import Patient
from reepi.core.views import VIEW_NAMES
from reepi.phantom.framing import draw_framing
from reepi.phantom.lesions import SIZING_DAYS, draw_course, open_percent
from reepi.phantom.patients import draw_patient, on_day
from reepi.phantom.rendering import render_photograph
from reepi.phantom.scene import draw_scene
from reepi.phantom.subject import canonical_surface
from reepi.phantom.truth import face_tissue

PERSON = Patient("bench", "F", 40, 165, 62)
PHOTOGRAPHS = 16
LONG_SIDE_PX = 448

Result = TypeVar("Result")


def timed(action: Callable[[], Result], times: list[float]) -> Result:
    """Run an action and keep the processor seconds it took."""
    start = time.process_time()
    result = action()
    times.append(time.process_time() - start)
    return result


def main() -> None:
    """Print the figures."""
    rng = np.random.default_rng(0)
    phantom = draw_patient(rng, PERSON, 30.0)
    scene_s: list[float] = []
    render_s: list[float] = []
    for view in VIEW_NAMES[::2][:PHOTOGRAPHS]:
        subject = on_day(phantom, 6, rng, 4, clothed=False)
        framing = draw_framing(rng, LONG_SIDE_PX)
        scene = timed(lambda v=view, f=framing: draw_scene(rng, phantom.template, v, f), scene_s)
        timed(lambda s=subject, c=scene: render_photograph(s, c, rng), render_s)
    truth_s: list[float] = []
    timed(lambda: face_tissue(phantom.template, phantom.course, 6), truth_s)
    print(f"{PHOTOGRAPHS} photographs of {LONG_SIDE_PX} px, processor seconds each")
    print(f"  pose, camera, background  {np.mean(scene_s):.2f}")
    print(f"  rendering                 {np.mean(render_s):.2f}")
    print(f"  truth of one visit        {truth_s[0]:.2f}")
    print("largest open skin [% BSA]: asked, reached")
    surface = canonical_surface(phantom.template)
    for asked in (3, 10, 30, 60):
        course = draw_course(rng, surface, asked)
        print(f"  {asked:5.1f}  {max(open_percent(course, surface, day) for day in SIZING_DAYS):5.1f}")


if __name__ == "__main__":
    main()
