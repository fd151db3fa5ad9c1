"""Each strategy learns over real shares, robust ones hold up against a provider that lies, and privacy is paid for in noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from oe_app import data, readers
from oe_app.client_app import app as client_app
from oe_app.engines import STRATEGIES, Engine, Privacy
from oe_app.readers import Options, sandbox
from oe_app.server_app import lead

from tests.seen import told
from tests.unit.flower import rounds
from tests.unit.flower.desk import Desk
from tests.unit.flower.grid import Answer, InProcessGrid, filled, replies, trains_on, update
from tests.unit.flower.test_tables import write_breast_cancer

FIVE = [f"sandbox:digits:{number}/5" for number in range(5)]


def job(specs: list[str], **changes: Any) -> dict[str, Any]:
    nodes = [
        {
            "node_id": str(number + 1),
            "seller_node_id": f"seller-{number}",
            "offer_id": f"offer-{number}",
            "dataset_fingerprint": data.fingerprint(readers.read(spec)),
            "max_examples": 1000,
        }
        for number, spec in enumerate(specs)
    ]
    whole = {"task": "digits-softmax", "rounds": 5, "min_providers": 1, "round_timeout_s": 30, "nodes": nodes}
    return {**whole, "hyperparameters": {}, "run_id": "run-1", "contract_id": "contract-1", **changes}


def trained(desk: Desk, specs: list[str], answers: dict[int, Answer] | None = None, **changes: Any) -> list[dict[str, Any]]:
    """The reports of a run's rounds; `answers` stand in for some of the nodes."""
    grid = InProcessGrid({number + 1: trains_on(spec) for number, spec in enumerate(specs)} | (answers or {}))
    lead(job(specs, **changes), desk.line(), grid)
    return desk.told("rounds")


def flips_labels(spec: str) -> Answer:
    """A node that trains in earnest, and fast, on the wrong labels."""
    honest = readers.read(spec)
    task = rounds.TASK
    wrong = data.Dataset(honest.features, 9 - honest.labels, honest.modality)

    def answer(message: Message) -> Message:
        base = message.content.array_records["arrays"].to_numpy_ndarrays()
        weights = task.train(base, wrong, {"learning_rate": 3.0, "local_epochs": 60})
        return Message(update(weights, len(wrong)), reply_to=message)

    return answer


def rides_free(message: Message) -> Message:
    """A node that sends the model back as it came."""
    return Message(update(message.content.array_records["arrays"].to_numpy_ndarrays(), 300), reply_to=message)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_learns_over_shares_that_differ(desk: Desk, strategy: str) -> None:
    reports = trained(desk, FIVE[:3] if strategy == "trimmed_mean" else FIVE, strategy=strategy, rounds=8)

    # Krum takes one provider's model a round, whose digits are not all: the price of trusting nobody.
    assert reports[-1]["accuracy"] > (0.3 if strategy == "krum" else 0.7)
    assert all(p["ok"] for r in reports[1:] for p in r["providers"])


def test_no_other_strategy_is_known() -> None:
    with pytest.raises(KeyError):
        Engine("fedmagic")


def test_the_proximal_pull_reaches_the_client_and_keeps_it_near(desk: Desk) -> None:
    far, near = (InProcessGrid({1: trains_on(FIVE[0])}) for _ in range(2))
    node = rounds.node(1, fingerprint=rounds.fingerprint(FIVE[0]))

    moved = {}
    for name, grid in (("fedavg", far), ("fedprox", near)):
        chosen = rounds.strategy(node)
        chosen._engine = Engine(name)
        moved[name] = sum(float((layer**2).sum()) for layer in rounds.play(chosen, grid))

    assert moved["fedprox"] < moved["fedavg"]
    assert near.sent[0].content.config_records["config"]["proximal-mu"] == 0.1
    assert "proximal-mu" not in far.sent[0].content.config_records["config"]


# --- providers that lie -----------------------------------------------------------------------------------------------
@pytest.fixture
def alike(tmp_path: Path) -> list[str]:
    """Five providers with like shares of the digits: robust strategies take the odd one out for the liar."""
    whole, _ = sandbox.split("digits")
    specs = []
    for number in range(5):
        part = whole.rows(np.arange(len(whole)) % 5 == number)
        path = tmp_path / f"{number}.npz"
        np.savez(path, X=part.features.reshape(-1, 8, 8), y=part.labels)
        specs.append(str(path))
    return specs


@pytest.mark.parametrize("strategy", ["trimmed_mean", "krum"])
def test_a_robust_strategy_holds_up_against_a_label_flipper_that_ruins_the_mean(
    desk: Desk, alike: list[str], strategy: str
) -> None:
    liar = {5: flips_labels(alike[4])}

    ruined = trained(desk, alike, liar, strategy="fedavg")[-1]["accuracy"]
    desk.calls.clear()
    held = trained(desk, alike, liar, strategy=strategy)[-1]["accuracy"]

    assert held > 0.8
    assert held > ruined + 0.05


def test_a_node_cannot_weigh_more_than_the_contract_declares(desk: Desk) -> None:
    boasts: Answer = replies(update(filled(1.0), 10**9))
    grid = InProcessGrid({1: boasts, 2: replies(update(filled(0.0), 100))})
    chosen = rounds.strategy(rounds.node(1, max_examples=100), rounds.node(2))

    weights = rounds.play(chosen, grid)

    assert np.allclose(weights[0], 0.5)
    assert rounds.outcome(chosen, 1)["num_examples"] == 100


# --- privacy ----------------------------------------------------------------------------------------------------------
def private_round(answers: dict[int, Answer], noise: float, clip: float) -> Any:
    chosen = rounds.strategy(*(rounds.node(number) for number in answers))
    chosen._engine = Engine("fedavg", Privacy(noise, clip))
    return rounds.play(chosen, InProcessGrid(answers)), chosen


def test_with_privacy_updates_are_cut_and_weigh_the_same() -> None:
    answers = {1: replies(update(filled(100.0), 900)), 2: replies(update(filled(0.0), 1))}

    weights, chosen = private_round(answers, 1e-9, 2.0)

    # Each update at most 2 long, both with a half: the mean is 1 long, however many examples anybody claims.
    assert np.sqrt(sum(float((layer**2).sum()) for layer in weights)) == pytest.approx(1.0, abs=1e-3)
    assert [o["contribution"] for o in chosen.outcomes] == [None, None], "a contribution would tell what the noise hides"


def test_the_noise_is_as_large_as_the_formula_says_for_those_that_answered() -> None:
    np.random.seed(0)
    answers: dict[int, Answer] = {1: rides_free, 2: rides_free, 3: lambda _: None}

    weights, _ = private_round(answers, 3.0, 0.5)

    # Two answered: 3 × 0.5 / 2 on each of 650 numbers, whose deviation is known to 3 % (one in sqrt(2 × 650)).
    assert np.concatenate([layer.ravel() for layer in weights]).std() == pytest.approx(0.75, rel=0.12)


# --- tables -----------------------------------------------------------------------------------------------------------
def answers_with(spec: str, options: Options) -> Answer:
    def answer(message: Message) -> Message:
        config: dict[str, bool | float | int | str] = {"data": spec, "grant-keys": "none", **options.as_config()}
        return client_app(message, Context(run_id=1, node_id=1, node_config=config, state=RecordDict(), run_config={}))

    return answer


def test_two_hospitals_train_on_their_own_csv_and_measure_it_themselves(desk: Desk, tmp_path: Path) -> None:
    whole, _ = sandbox.split("breast-cancer")
    said = Options(label="diagnosis", classes=("malignant", "benign"))
    specs = [write_breast_cancer(tmp_path / f"{n}.csv", whole.rows(np.arange(len(whole)) % 2 == n)) for n in range(2)]
    schema = readers.read(specs[0], said).schema
    grid = InProcessGrid({n + 1: answers_with(spec, said) for n, spec in enumerate(specs)})
    agreed = job(["sandbox:digits:0/3"] * 2, task="table-logistic", label_schema=schema, rounds=3)
    for node, spec in zip(agreed["nodes"], specs, strict=True):
        node["dataset_fingerprint"] = data.fingerprint(readers.read(spec, said))

    lead(agreed, desk.line(), grid)

    untrained, *reports = desk.told("rounds")
    assert (untrained["accuracy"], untrained["loss"]) == (None, None)
    assert reports[-1]["accuracy"] > 0.9
    assert all(p["ok"] and p["contribution"] is None for p in reports[-1]["providers"])
    kept = sum(p["num_examples"] for p in reports[0]["providers"])
    assert len(whole) * 0.7 < kept < len(whole) * 0.9, "a fifth is held out"


def test_a_provider_with_other_columns_or_changed_data_is_refused_by_its_code(desk: Desk, tmp_path: Path) -> None:
    whole, _ = sandbox.split("breast-cancer")
    said = Options(label="diagnosis", classes=("malignant", "benign"))
    specs = [write_breast_cancer(tmp_path / f"{n}.csv", whole.rows(np.arange(len(whole)) % 3 == n)) for n in range(3)]
    schema = readers.read(specs[0], said).schema
    other = Options(label="diagnosis", classes=("benign", "malignant"))
    agreed = job(["sandbox:digits:0/3"] * 3, task="table-logistic", label_schema=schema, rounds=1)
    for node, spec, options in zip(agreed["nodes"], specs, (said, other, said), strict=True):
        node["dataset_fingerprint"] = data.fingerprint(readers.read(spec, options))
    with Path(specs[2]).open("a") as file:
        file.write(",".join(["1"] * 30) + ",benign\n")
    grid = InProcessGrid({n + 1: answers_with(spec, (said, other, said)[n]) for n, spec in enumerate(specs)})

    lead(agreed, desk.line(), grid)

    (_, report) = desk.told("rounds")
    by_seller = {p["seller_node_id"]: p["error_code"] and told(p["error_code"]) for p in report["providers"]}
    assert by_seller == {"seller-0": None, "seller-1": "label_schema_mismatch", "seller-2": "dataset_fingerprint_mismatch"}


# --- going on ---------------------------------------------------------------------------------------------------------
def test_a_run_that_goes_on_begins_with_the_stored_model(desk: Desk) -> None:
    first = trained(desk, FIVE[:3], rounds=3)
    npz = desk.told("model")[-1]
    desk.calls.clear()
    desk.files["checkpoint"] = npz

    second = trained(desk, FIVE[:3], rounds=2, resumed_from="run-0")

    assert second[0]["accuracy"] == first[-1]["accuracy"]
    assert second[-1]["loss"] < first[-1]["loss"]
    desk.calls.clear()
    assert [r["loss"] for r in trained(desk, FIVE[:3], rounds=5)[3:]] == pytest.approx([r["loss"] for r in second])


def test_what_the_providers_did_in_the_round_that_lost_the_quorum_is_told_at_the_end(desk: Desk) -> None:
    wrong = [{**node, "dataset_fingerprint": "changed"} for node in job(FIVE[:2])["nodes"]]

    with pytest.raises(Exception, match="needed providers delivered"):
        trained(desk, FIVE[:2], nodes=wrong)

    (end,) = desk.told("finish")
    assert [p["error_code"] for p in end["providers"]] == ["dataset_fingerprint_mismatch"] * 2


def test_figures_of_strangers_that_are_no_measurements_are_left_out() -> None:
    chosen = rounds.strategy(rounds.node(1), rounds.node(2), rounds.node(3), rounds.node(4))
    chosen._validation = None
    honest = {"loss": 0.5, "accuracy": 0.75, "num-examples": 10}
    lies = ({"loss": float("nan")}, {"accuracy": 7.0}, {"num-examples": -3})

    def answer(number: int) -> Answer:
        said: Any = {**honest, **(lies[number - 2] if number > 1 else {})}

        def reply(message: Message) -> Message:
            if message.metadata.message_type == "evaluate":
                return Message(RecordDict({"metrics": MetricRecord(said)}), reply_to=message)
            return Message(update(filled(1.0)), reply_to=message)

        return reply

    grid = InProcessGrid({number: answer(number) for number in range(1, 5)})
    rounds.play(chosen, grid)
    messages: Any = chosen.configure_evaluate(1, ArrayRecord(filled(1.0)), None, grid)  # type: ignore[arg-type]
    grid.push_messages(messages)
    chosen.aggregate_evaluate(1, list(grid.pull_messages([m.metadata.message_id for m in messages])))

    assert chosen.measured == (0.5, 0.75)
