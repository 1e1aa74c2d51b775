"""Progress on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any

Progress = bool | Callable[[str, int | None, int], None]


class Bar:
    """Hands out a function of phase, total and steps, which moves a bar of tqdm; or None where
    nobody wants to see one."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bar: Any = None

    def __enter__(self) -> Callable[[str, int | None, int], None] | None:
        if callable(self._progress):
            return self._progress
        if not self._progress or not (_in_notebook() or sys.stderr.isatty()):
            return None
        try:
            from tqdm.auto import tqdm
        except ImportError:
            return None
        self._tqdm = tqdm
        return self._told

    def _told(self, phase: str, total: int | None, steps: int) -> None:
        if phase:
            self._close()
            self._bar = self._tqdm(desc=phase, total=total, leave=False)
        elif self._bar is not None:
            self._bar.update(steps)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()


def _in_notebook() -> bool:
    return "ipykernel" in sys.modules
