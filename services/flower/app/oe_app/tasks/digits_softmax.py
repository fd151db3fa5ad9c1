"""Softmax regression on 8×8 images of digits: what "classification" means where no task is named."""

from oe_app.models import SoftmaxRegression
from oe_app.readers.sandbox import held_back

TASK = SoftmaxRegression(
    serves=("classification", "digits-softmax"),
    sandbox="digits",
    features=64,
    classes=10,
    held_back=lambda: held_back("digits"),
    hyperparameters={"learning_rate": 1.0, "local_epochs": 20},
)
