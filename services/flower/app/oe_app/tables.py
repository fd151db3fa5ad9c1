"""The task that has no set of its own: logistic regression on any table, shaped by the contract's label schema.

The exchange holds back no validation set for a stranger's table: each provider keeps a fifth of its samples out of training, and a
round's metrics are the mean over those, as the providers report them. What nobody else can measure, such as a contribution, is null.
Each node standardises its own columns (mean 0, deviation 1); whoever uses the model does the same with theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from oe_app import measure, schema, tasks
from oe_app.data import Dataset
from oe_app.models import SoftmaxRegression
from oe_app.tasks import TABLE, Task


class NoValidationSet(Exception):
    """Only the providers can measure a model of this task."""


def _none() -> Dataset:
    raise NoValidationSet(TABLE)


@dataclass(frozen=True)
class TableLogistic(SoftmaxRegression):
    """Softmax regression on the columns and classes of a label schema."""

    schema: str = ""
    sandbox: str = field(default="", init=False)

    def unfit(self, dataset: Dataset) -> str | None:
        if dataset.schema != self.schema:
            return "the data has another label schema than the contract"
        return super().unfit(dataset)

    def training_part(self, dataset: Dataset) -> Dataset:
        return measure.split(measure.standardised(dataset))[0]

    def held_out(self, dataset: Dataset) -> Dataset:
        """The fifth that the provider keeps out of training."""
        return measure.split(measure.standardised(dataset))[1]


HYPERPARAMETERS: Final[Mapping[str, float]] = {"learning_rate": 0.5, "local_epochs": 10}


def task_for(label_schema: str) -> TableLogistic:
    """Raises ValueError for what is no label schema of a table."""
    shape = schema.parse(label_schema)
    return TableLogistic(
        serves=(TABLE,),
        features=shape.features,
        classes=len(shape.classes),
        held_back=_none,
        hyperparameters=HYPERPARAMETERS,
        schema=label_schema,
    )


def named(name: str, label_schema: str) -> Task:
    """A task by its name: that of tables, or one of the registry. Raises `UnknownTask`."""
    if name != TABLE:
        return tasks.named(name)
    try:
        return task_for(label_schema)
    except ValueError as error:
        raise tasks.UnknownTask(f"{name} ({error})") from error


def types_for(dataset: Dataset) -> list[str]:
    """The marketplace's task types that a data set can be sold for."""
    return sorted([*tasks.types_for(dataset), *([TABLE] if fits(dataset) else [])])


def fits(dataset: Dataset) -> bool:
    """Whether a data set can be sold for this task."""
    try:
        return dataset.modality == "tabular" and task_for(dataset.schema).unfit(dataset) is None
    except ValueError:
        return False
