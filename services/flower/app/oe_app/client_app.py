"""What runs beside a provider's data: trains on it, if it is still the data that the contract names."""

from __future__ import annotations

from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from . import data, gate, readers, tables, tasks
from .data import Dataset
from .refusals import NodeRefusal, Refused, of_data, refuse
from .tasks import Task

app = ClientApp()


@app.train()
def train(message: Message, context: Context) -> Message:
    """One round of local training. Refuses when the data is not what was agreed, or is of no use to the task."""
    opened = _open(message, context)
    if isinstance(opened, Message):
        return opened
    task, dataset, permit = opened
    try:
        permit.use()
    except NodeRefusal as refusal:
        return refuse(message, refusal.why, str(refusal))
    hyperparameters = {**message.content.config_records["hyperparameters"]}
    if (pull := message.content.config_records["config"].get("proximal-mu")) is not None:
        hyperparameters["proximal_mu"] = pull
    part = task.training_part(dataset)
    weights = task.train(message.content.array_records["arrays"].to_numpy_ndarrays(), part, hyperparameters)
    loss, accuracy = task.evaluate(weights, part)
    metrics = MetricRecord({"num-examples": len(part), "loss": loss, **({} if accuracy is None else {"accuracy": accuracy})})
    return Message(RecordDict({"arrays": ArrayRecord(weights), "metrics": metrics}), reply_to=message)


@app.evaluate()
def evaluate(message: Message, context: Context) -> Message:
    """How the round's model does on what this provider keeps out of training: asked only where the exchange cannot measure."""
    opened = _open(message, context)
    if isinstance(opened, Message):
        return opened
    task, dataset, _ = opened  # looking at a round's model uses up nothing of the grant
    if not isinstance(task, tables.TableLogistic):
        return refuse(message, Refused.TASK_NOT_SUPPORTED, "the exchange measures this task itself")
    held = task.held_out(dataset)
    loss, accuracy = task.evaluate(message.content.array_records["arrays"].to_numpy_ndarrays(), held)
    metrics = MetricRecord({"num-examples": len(held), "loss": loss, **({} if accuracy is None else {"accuracy": accuracy})})
    return Message(RecordDict({"metrics": metrics}), reply_to=message)


def _open(message: Message, context: Context) -> tuple[Task, Dataset, gate.Permit] | Message:
    """The task and the data that a message is about, and the permit to train once, or the refusal to work on them."""
    config = message.content.config_records["config"]
    label_schema = str(config.get("label-schema", ""))
    try:
        permit = gate.admit(config, context.node_config, context.node_id)
        task = tables.named(str(config["task"]), label_schema)
        dataset = readers.read(str(context.node_config["data"]), readers.Options.of(context.node_config))
    except NodeRefusal as refusal:
        return refuse(message, refusal.why, str(refusal))
    except tasks.UnknownTask as error:
        return refuse(message, Refused.TASK_NOT_SUPPORTED, f"there is no task '{error}'")
    except data.UnusableData as error:
        return refuse(message, of_data(error), str(error))
    if data.fingerprint(dataset) != permit.dataset_fingerprint:
        return refuse(message, Refused.DATASET_FINGERPRINT_MISMATCH, "the data is not the data of the contract")
    if label_schema and dataset.schema and dataset.schema != label_schema:
        return refuse(message, Refused.LABEL_SCHEMA_MISMATCH, "the data's columns or classes are not those of the contract")
    unfit = task.unfit(dataset)
    if unfit:
        return refuse(message, Refused.TASK_NOT_SUPPORTED, unfit)
    return task, dataset, permit
