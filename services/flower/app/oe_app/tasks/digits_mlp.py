"""A network with one hidden layer on 8×8 images of digits."""

from oe_app.models import Network
from oe_app.readers.sandbox import held_back

TASK = Network(
    serves=("digits-mlp",),
    sandbox="digits",
    features=64,
    classes=10,
    held_back=lambda: held_back("digits"),
    hyperparameters={"learning_rate": 0.5, "local_epochs": 20},
)
