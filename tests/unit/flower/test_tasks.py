"""Every task learns: alone, and federated over shares that do not look alike."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from oe_app import readers, tasks
from oe_app.contribution import average
from oe_app.data import Dataset
from oe_app.readers import sandbox
from oe_app.tasks import Task, Weights

with_torch = ["digits-torch"] if find_spec("torch") else []
every_task = pytest.mark.parametrize("name", sorted({*tasks.names()} - {"digits-torch"} | {*with_torch}))


def shares(name: str, of: int) -> list[Dataset]:
    return [readers.read(f"sandbox:{tasks.named(name).sandbox}:{index}/{of}") for index in range(of)]


def federated(task: Task, parts: list[Dataset], rounds: int) -> Weights:
    """FedAvg by hand."""
    weights = task.initial()
    for _ in range(rounds):
        weights = average([task.train(weights, part, task.hyperparameters) for part in parts], [len(part) for part in parts])
    return weights


@every_task
def test_training_is_better_than_not_training(name: str) -> None:
    task = tasks.named(name)
    (whole,) = shares(name, 1)

    before = task.evaluate(task.initial(), task.validation())
    after = task.evaluate(task.train(task.initial(), whole, task.hyperparameters), task.validation())

    assert after.worth > before.worth + 0.2
    assert after.loss < before.loss


@every_task
def test_three_providers_who_differ_come_close_to_one_who_has_it_all(name: str) -> None:
    task = tasks.named(name)

    together = task.evaluate(federated(task, shares(name, 3), 10), task.validation())
    centralised = task.evaluate(federated(task, shares(name, 1), 10), task.validation())

    assert together.worth > centralised.worth - 0.05


@every_task
def test_three_providers_together_are_no_worse_than_the_best_of_them_alone(name: str) -> None:
    task, parts = tasks.named(name), shares(name, 3)

    together = task.evaluate(federated(task, parts, 10), task.validation())
    alone = [task.evaluate(federated(task, [part], 10), task.validation()) for part in parts]

    assert together.worth >= max(measured.worth for measured in alone)


@every_task
def test_training_twice_from_the_same_model_gives_the_same_model_and_leaves_the_old_one_alone(name: str) -> None:
    task = tasks.named(name)
    (whole,) = shares(name, 1)
    base = task.train(task.initial(), whole, task.hyperparameters)
    kept = [layer.copy() for layer in base]

    once, again = (task.train(base, whole, task.hyperparameters) for _ in range(2))

    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(base, kept, strict=True))
    assert [layer.dtype for layer in once] == [layer.dtype for layer in task.initial()]


@every_task
def test_each_array_of_the_model_has_a_name(name: str) -> None:
    task = tasks.named(name)

    assert len(task.arrays) == len(set(task.arrays)) == len(task.initial())


@every_task
def test_its_own_validation_set_is_fit(name: str) -> None:
    task = tasks.named(name)

    assert task.unfit(task.validation()) is None


@pytest.mark.parametrize("name", ["", "os", "digits_softmax", "../data", "__init__", "digits-softmax.TASK"])
def test_what_is_no_file_of_the_registry_is_no_task(name: str) -> None:
    with pytest.raises(tasks.UnknownTask):
        tasks.named(name)


def test_a_data_set_is_offered_for_the_tasks_that_it_fits() -> None:
    odd = Dataset(np.zeros((3, 5)), np.array([100, 200, 300]), "tabular")

    assert tasks.types_for(sandbox.share("digits", 0, 3)) == ["classification", "digits-mlp", "digits-softmax", *with_torch]
    assert tasks.types_for(odd) == []


def test_a_task_type_is_trained_by_the_task_of_its_name_and_another_one_by_the_default() -> None:
    assert {name: tasks.for_type(name) for name in tasks.names()} == {name: name for name in tasks.names()}
    assert tasks.for_type("classification") == tasks.for_type("whatever a model owner calls it") == "digits-softmax"


def test_what_has_no_accuracy_says_none_and_is_worth_more_the_less_it_loses() -> None:
    task = tasks.named("diabetes-linear")
    measured = task.evaluate(task.initial(), task.validation())

    assert measured.accuracy is None
    assert measured.worth == -measured.loss
