"""Collects Python's garbage in the window's thread alone.

Python collects reference cycles in whichever thread happens to ask for memory, and the window has threads that read
photographs ahead and napari's own. A widget that is part of such a cycle would then be destroyed outside of the thread
that it belongs to, which Qt forbids and answers with a crash now and then.

napari collects by itself whenever a layer goes, that is at every change of the photograph, and looks at all that Python
holds. What was there when the window opened (modules, networks, the study) is therefore set aside until it closes.

A closed window stays in memory for as long as napari's themes hold it, that is to the end, and with it Python's objects
of its menus, which Qt has freed. Those that Qt had made itself do not know it, and stand for whatever Qt puts into the
same place next: a process that opens several windows would end in a fault of memory sooner or later. So they go.
"""

import gc
from typing import Any, ClassVar, Final

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QMenu, QMenuBar

LOOK_EVERY_MS: Final = 1000
"""How often the window's thread looks whether there is enough to collect [ms]: a second's worth is little memory."""


class WindowGarbage:
    """While one of these is open, garbage is collected in the thread that opened it, between two events.

    Everything a closed window leaves behind is collected by `close`, before other threads may collect again.

    Parameters
    ----------
    window : napari.window.Window
        The window, whose menus go with it.
    """

    _n_open: ClassVar = 0

    def __init__(self, window: Any) -> None:
        self._window = window
        gc.disable()
        if WindowGarbage._n_open == 0:
            gc.freeze()
        WindowGarbage._n_open += 1
        self._timer: QTimer | None = QTimer()
        self._timer.timeout.connect(collect_as_due)
        self._timer.start(LOOK_EVERY_MS)

    def close(self) -> None:
        """Collect what the window left once it is closed; Python collects again once no other window is open."""
        if self._timer is None:
            return
        self._timer.stop()
        self._timer = None
        for name, held in [*vars(self._window).items()]:
            if isinstance(held, QMenu | QMenuBar):
                delattr(self._window, name)
        WindowGarbage._n_open -= 1
        if WindowGarbage._n_open:
            gc.collect()
            return
        gc.unfreeze()
        gc.collect()
        gc.enable()


def collect_as_due() -> int | None:
    """Collect the oldest generation that Python itself would collect by now; return which, or None."""
    due = [
        generation
        for generation, (count, limit) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
        if count > limit
    ]
    if not due:
        return None
    gc.collect(max(due))
    return max(due)
