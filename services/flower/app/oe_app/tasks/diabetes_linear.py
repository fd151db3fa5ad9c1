"""Linear regression of the progression of diabetes after a year on ten measurements."""

from oe_app.models import LinearRegression
from oe_app.readers.sandbox import held_back

TASK = LinearRegression(
    serves=("diabetes-linear",),
    sandbox="diabetes",
    features=10,
    scale=100.0,
    held_back=lambda: held_back("diabetes"),
    hyperparameters={"learning_rate": 0.1, "local_epochs": 10},
)
