"""Logistic regression on measurements of breast tumours: malignant (0) or benign (1)."""

from oe_app.models import SoftmaxRegression
from oe_app.readers.sandbox import held_back

TASK = SoftmaxRegression(
    serves=("breast-cancer-logistic",),
    sandbox="breast-cancer",
    features=30,
    classes=2,
    held_back=lambda: held_back("breast-cancer"),
    hyperparameters={"learning_rate": 0.1, "local_epochs": 10},
)
