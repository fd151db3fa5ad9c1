"""What runs beside a provider's data: trains on it, if it is still the data that the contract names."""

from __future__ import annotations

from typing import cast

from flwr.app import ArrayRecord, Context, Error, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from oe_app import data, task

DATA_UNUSABLE = 1000
FINGERPRINT_MISMATCH = 1001

app = ClientApp()


@app.train()
def train(message: Message, context: Context) -> Message:
    """One round of local training. Refuses with a Flower `Error` when the data is not what was agreed."""
    config = message.content.config_records["config"]
    try:
        features, labels = data.load(str(context.node_config["data"]))
    except data.UnusableData as error:
        return Message(Error(DATA_UNUSABLE, f"data_unusable: {error}"), reply_to=message)
    if data.fingerprint(features, labels) != config["dataset-fingerprint"]:
        reason = "dataset_fingerprint_mismatch: the data has changed since the contract"
        return Message(Error(FINGERPRINT_MISMATCH, reason), reply_to=message)
    weights = task.train(
        message.content.array_records["arrays"].to_numpy_ndarrays(),
        features,
        labels,
        learning_rate=float(cast(float, config["learning-rate"])),
        epochs=int(cast(int, config["local-epochs"])),
    )
    loss, accuracy = task.evaluate(weights, features, labels)
    metrics = MetricRecord({"num-examples": len(labels), "loss": loss, "accuracy": accuracy})
    return Message(RecordDict({"arrays": ArrayRecord(weights), "metrics": metrics}), reply_to=message)
