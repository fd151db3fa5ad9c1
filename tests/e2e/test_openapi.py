"""The gateway's OpenAPI document, held against what the running exchange answers each role to thousands of generated requests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.stack import RealStack

FEWEST = int(os.environ.get("FUZZ_CASES", "0"))
"""How many requests each role must have made (`make fuzz`); by default a sample of whatever size."""
OPERATIONS = 70
"""About as many as the document has; the tool counts its cases by operation."""

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth"
PARTICIPANTS = {"provider": "clinic-fuzz", "model_owner": "lab-fuzz"}
"""Who is bound to its own things; the other roles go by their bootstrap keys."""


def key_of(stack: RealStack, role: str) -> str:
    if role not in PARTICIPANTS:
        return stack.stack.key(role)
    made = stack.client("operator").post("/identity/keys", json={"participant": PARTICIPANTS[role], "role": role})
    return str(made.raise_for_status().json()["key"])


def examples(role: str) -> int:
    """Per operation and phase. The operator, who gets furthest, gets the larger part of the sample."""
    return FEWEST // OPERATIONS + 1 if FEWEST else 10 if role == "operator" else 2


@pytest.mark.parametrize("role", ["operator", "provider", "model_owner", "reviewer", "service"])
def test_every_answer_is_what_the_document_says(real_stack: RealStack, tmp_path: Path, role: str) -> None:
    program = Path(sys.executable).parent / "schemathesis"
    command = [
        str(program),
        "run",
        f"{real_stack.stack.gateway_url}/openapi.json",
        f"--header=Authorization: Bearer {key_of(real_stack, role)}",
        f"--checks={CHECKS}",
        f"--max-examples={examples(role)}",
        # The coverage phase is the same for all roles, and its cases alone are more than the sample has time for.
        f"--phases={'examples,coverage,fuzzing' if FEWEST or role == 'operator' else 'examples,fuzzing'}",
        "--exclude-path=/ops/events",  # a stream that does not end
        "--generation-deterministic",
        "--suppress-health-check=all",
        "--continue-on-failure",
        "--request-timeout=30",
        "--no-color",
        "--warnings=off",
    ]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600 + FEWEST, check=False)

    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    made = re.search(r"([\d,]+) generated", ran.stdout)
    assert made is not None, ran.stdout[-2000:]
    print(f"{role}: {made[1]} requests")
    assert int(made[1].replace(",", "")) >= max(FEWEST, OPERATIONS)
