"""What is written of fits: numbers and names, from which files can be read that hold no code."""

from __future__ import annotations

from typing import Any

from skinfo.families import get_family, reference


class NamesItsFamily:
    """An object whose state has its family by name, and nothing that is made when asked for."""

    _made_when_asked_for: tuple[str, ...] = ("distribution",)

    def __getstate__(self):
        state: dict[str, Any] = {k: v for k, v in self.__dict__.items() if k not in self._made_when_asked_for}
        return state | {"family": reference(state["family"])}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state | {"family": get_family(state["family"])})
