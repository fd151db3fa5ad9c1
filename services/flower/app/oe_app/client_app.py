"""What runs beside a provider's data: trains on it, if it is still the data that the contract names."""

from __future__ import annotations

from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from . import data, readers, tasks
from .refusals import Refused, refuse

app = ClientApp()


@app.train()
def train(message: Message, context: Context) -> Message:
    """One round of local training. Refuses when the data is not what was agreed, or is of no use to the task."""
    config = message.content["config"]
    try:
        task = tasks.named(str(config["task"]))
        dataset = readers.read(str(context.node_config["data"]))
    except tasks.UnknownTask as error:
        return refuse(message, Refused.TASK_NOT_SUPPORTED, f"there is no task '{error}'")
    except data.UnusableData as error:
        return refuse(message, Refused.DATA_UNUSABLE, str(error))
    if data.fingerprint(dataset) != config["dataset-fingerprint"]:
        return refuse(message, Refused.DATASET_FINGERPRINT_MISMATCH, "the data is not the data of the contract")
    unfit = task.unfit(dataset)
    if unfit:
        return refuse(message, Refused.TASK_NOT_SUPPORTED, unfit)
    weights = task.train(message.content.array_records["arrays"].to_numpy_ndarrays(), dataset, message.content["hyperparameters"])
    loss, accuracy = task.evaluate(weights, dataset)
    metrics = MetricRecord({"num-examples": len(dataset), "loss": loss, **({} if accuracy is None else {"accuracy": accuracy})})
    return Message(RecordDict({"arrays": ArrayRecord(weights), "metrics": metrics}), reply_to=message)
