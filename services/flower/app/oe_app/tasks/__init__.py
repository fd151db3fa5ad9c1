"""What can be trained: one file per task, named after it. The file holds a `TASK`; nothing else has to know of it.

A task is a model, its loss and its metrics, and the validation set that the exchange holds back for it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol

from oe_app.data import Dataset, Floats

Weights = list[Floats]
DEFAULT: Final = "digits-softmax"
TABLE: Final = "table-logistic"
"""The task that is shaped by the contract's label schema (`oe_app.tables`) and so has no file here."""


class Measured(NamedTuple):
    loss: float
    accuracy: float | None
    """Null where a task has none."""

    @property
    def worth(self) -> float:
        """Greater is better: the accuracy, or less loss."""
        return -self.loss if self.accuracy is None else self.accuracy


class UnknownTask(Exception):
    """No file of this package is named so."""


class Task(Protocol):
    """One thing that can be trained."""

    @property
    def serves(self) -> tuple[str, ...]:
        """The marketplace's task types."""

    @property
    def sandbox(self) -> str:
        """The set of the sandbox that it is made for."""

    @property
    def arrays(self) -> tuple[str, ...]:
        """The names of the model's arrays in the stored `.npz`, in the order of `Weights`."""

    @property
    def hyperparameters(self) -> Mapping[str, float]:
        """What a contract may set, with the defaults."""

    def unfit(self, dataset: Dataset) -> str | None:
        """Why a data set cannot be trained on by this task, if so."""

    def validation(self) -> Dataset:
        """What the exchange holds back. Raises `NoValidationSet` where only providers can measure."""

    def training_part(self, dataset: Dataset) -> Dataset:
        """What of a provider's data is trained on, as the model wants it."""

    def initial(self) -> Weights:
        """The untrained model."""

    def train(self, weights: Weights, dataset: Dataset, hyperparameters: Mapping[str, Any]) -> Weights: ...

    def evaluate(self, weights: Weights, dataset: Dataset) -> Measured: ...


def names() -> list[str]:
    """All tasks, sorted."""
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))


def named(name: str) -> Task:
    """The task of a name such as `digits-softmax`. Raises `UnknownTask`."""
    if name not in names():
        raise UnknownTask(name)
    task: Task = importlib.import_module(f".{name.replace('-', '_')}", __name__).TASK
    return task


def types_for(dataset: Dataset) -> list[str]:
    """The marketplace's task types that a data set can be trained for."""
    return sorted({served for task in map(named, names()) if task.unfit(dataset) is None for served in task.serves})


def for_type(task_type: str) -> str:
    """The name of the task that serves a task type; a type that is nobody's own is trained as `DEFAULT`."""
    if task_type == TABLE:
        return TABLE
    return next((name for name in names() if task_type in named(name).serves), DEFAULT)
