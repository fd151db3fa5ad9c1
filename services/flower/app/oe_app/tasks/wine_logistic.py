"""Multinomial logistic regression on chemical analyses of wine: which of three growers."""

from oe_app.models import SoftmaxRegression
from oe_app.readers.sandbox import held_back

TASK = SoftmaxRegression(
    serves=("wine-logistic",),
    sandbox="wine",
    features=13,
    classes=3,
    held_back=lambda: held_back("wine"),
    hyperparameters={"learning_rate": 0.1, "local_epochs": 10},
)
