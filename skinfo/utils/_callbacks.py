"""scikit-learn's progress callbacks, where the installed version has them."""

from __future__ import annotations

from typing import Any

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """No callbacks."""

    def with_callbacks(method: Any) -> Any:
        """Return the method as it is."""
        return method


__all__ = ["CallbackSupportMixin", "Tasks", "with_callbacks"]


class Tasks:
    """The parallel subtasks of a fit, as callbacks see them.

    Parameters
    ----------
    estimator : CallbackSupportMixin
        What is being fitted.
    name : str
        Name of a subtask.
    count : int
        How many there are.
    """

    def __init__(self, estimator: Any, name: str, count: int):
        self.estimator = estimator
        self.contexts: list[Any] = []
        if hasattr(estimator, "set_callbacks"):
            self.root = estimator._init_callback_context(max_subtasks=count, sequential_subtasks=False)
            self.contexts = [self.root.subcontext(task_name=name, task_id=i) for i in range(count)]

    def __enter__(self) -> Tasks:
        if self.contexts:
            self.root.call_on_fit_task_begin(estimator=self.estimator)
        return self

    def __exit__(self, *error: object) -> None:
        if self.contexts:
            self.root.call_on_fit_task_end(estimator=self.estimator)

    def begin(self, i: int) -> None:
        """Say that a subtask begins."""
        if self.contexts:
            self.contexts[i].call_on_fit_task_begin(estimator=self.estimator)

    def end(self, i: int) -> None:
        """Say that a subtask has ended."""
        if self.contexts:
            self.contexts[i].call_on_fit_task_end(estimator=self.estimator)
