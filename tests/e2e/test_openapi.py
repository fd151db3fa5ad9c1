"""The OpenAPI documents, held against what the running exchange answers to thousands of generated requests: the gateway's as each role
with a key, and each service's own on its own port with a token such as the gateway signs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.processes import ROOT
from tests.e2e.stack import RealStack

FUZZED = int(os.environ.get("FUZZ_CASES", "0"))
"""How many requests to draw at random for each role besides (`make fuzz`). Without it there is the coverage phase alone: it goes through
the edges of each field of each call, about 3,500 cases for the gateway whatever the role, and much the same ones in every run."""
FEWEST = max(FUZZED, 2000)
FEWEST_OWN = 500
OPERATIONS = 70
"""About as many as the gateway's document has; the tool counts its cases by operation."""

CHECKS = ",".join(
    (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "missing_required_header",
        "ignored_auth",
    )
)
"""Left out: `positive_data_acceptance`, as some rules are between fields and no schema can tell them (`differential_privacy` goes with two
of the strategies); `use_after_free` and `ensure_resource_availability`, which judge the stateful phase alone, and that needs links between
operations, of which the document has none; `object_level_authorization`, which needs two users at once: tests/integration/access
walks every route as every participant. Of `unsupported_method` and `allow_header_conformance` it is not known whether they hold."""
PARTICIPANTS = {"provider": "clinic-fuzz", "model_owner": "lab-fuzz"}
"""Who is bound to its own things; the other roles go by their bootstrap keys."""


def key_of(stack: RealStack, role: str) -> str:
    if role not in PARTICIPANTS:
        return stack.stack.key(role)
    made = stack.client("operator").post("/identity/keys", json={"participant": PARTICIPANTS[role], "role": role})
    return str(made.raise_for_status().json()["key"])


def cases(url: str, where: Path, *options: str, **env: str) -> int:
    """How many requests were made to `url`; fails with the tool's report where an answer is not what the document says."""
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        "run",
        f"{url}/openapi.json",
        f"--checks={CHECKS}",
        f"--max-examples={FUZZED // OPERATIONS + 1}",
        f"--phases={'examples,coverage,fuzzing' if FUZZED else 'examples,coverage'}",
        # One worker: up to Python 3.11.7 two threads that parse at once may end in a SystemError (python/cpython#106905).
        "--generation-deterministic",
        "--suppress-health-check=all",
        "--continue-on-failure",
        "--request-timeout=30",
        "--no-color",
        "--warnings=off",
        *options,
    ]
    ran = subprocess.run(
        command, cwd=where, env=os.environ | env, capture_output=True, text=True, timeout=600 + FUZZED, check=False
    )
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    made = re.search(r"([\d,]+) generated", ran.stdout)
    assert made is not None, ran.stdout[-2000:]
    print(f"{made[1]} requests")
    return int(made[1].replace(",", ""))


@pytest.mark.parametrize("role", ["operator", "provider", "model_owner", "reviewer", "service"])
def test_every_answer_is_what_the_document_says(real_stack: RealStack, tmp_path: Path, role: str) -> None:
    made = cases(
        real_stack.stack.gateway_url,
        tmp_path,
        f"--header=Authorization: Bearer {key_of(real_stack, role)}",
        "--exclude-path=/ops/events",  # a stream that does not end
        "--rate-limit=150/s",  # below the gateway's own, which answers 429 before anything else
    )

    assert made >= FEWEST


@pytest.mark.parametrize(
    ("service", "role"),
    [("marketplace", "operator"), ("matching", "service"), ("escrow", "operator"), ("training_coordinator", "operator")],
)
def test_each_service_is_as_strict_as_the_gateway(real_stack: RealStack, tmp_path: Path, service: str, role: str) -> None:
    """By the token of whoever gets the furthest: only services ask matching, and an operator may do everything elsewhere."""
    made = cases(
        f"http://127.0.0.1:{getattr(real_stack.stack.ports, service)}",
        tmp_path,
        PYTHONPATH=str(ROOT),
        SCHEMATHESIS_HOOKS="tests.e2e.token_hooks",
        FUZZ_SIGNING_KEY_FILE=str(real_stack.stack.signing_key_file),
        FUZZ_AUDIENCE=service,
        FUZZ_ROLE=role,
    )

    assert made >= FEWEST_OWN
