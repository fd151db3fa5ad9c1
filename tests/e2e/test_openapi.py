"""The gateway's OpenAPI document, held against what the running exchange answers each role to thousands of generated requests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.stack import RealStack

FUZZED = int(os.environ.get("FUZZ_CASES", "0"))
"""How many requests to draw at random for each role (`make fuzz`). By default the coverage phase does: it goes through the edges of each
field of each call, about 3,500 cases that are the same for every role and in every run."""
FEWEST = max(FUZZED, 2000)
OPERATIONS = 70
"""About as many as the document has; the tool counts its cases by operation."""

CHECKS = ",".join(
    (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "missing_required_header",
        "ignored_auth",
    )
)
"""Left out: `positive_data_acceptance`, as some rules are between fields and no schema can tell them (`differential_privacy` goes with two
of the strategies); `use_after_free` and `ensure_resource_availability`, which judge the stateful phase alone, and that needs links between
operations, of which the document has none; `object_level_authorization`, which needs two users at once: tests/integration/access
walks every route as every participant. Of `negative_data_rejection`, `unsupported_method` and `allow_header_conformance` it is not known
whether they hold."""
PARTICIPANTS = {"provider": "clinic-fuzz", "model_owner": "lab-fuzz"}
"""Who is bound to its own things; the other roles go by their bootstrap keys."""


def key_of(stack: RealStack, role: str) -> str:
    if role not in PARTICIPANTS:
        return stack.stack.key(role)
    made = stack.client("operator").post("/identity/keys", json={"participant": PARTICIPANTS[role], "role": role})
    return str(made.raise_for_status().json()["key"])


def examples() -> int:
    """Per operation and phase. Only the operator draws some at random besides: 1,938 cases in all with 2, about 4,100 with 10."""
    return FUZZED // OPERATIONS + 1 if FUZZED else 10


@pytest.mark.parametrize("role", ["operator", "provider", "model_owner", "reviewer", "service"])
def test_every_answer_is_what_the_document_says(real_stack: RealStack, tmp_path: Path, role: str) -> None:
    program = Path(sys.executable).parent / "schemathesis"
    command = [
        str(program),
        "run",
        f"{real_stack.stack.gateway_url}/openapi.json",
        f"--header=Authorization: Bearer {key_of(real_stack, role)}",
        f"--checks={CHECKS}",
        f"--max-examples={examples()}",
        f"--phases={'examples,coverage,fuzzing' if FUZZED or role == 'operator' else 'examples,coverage'}",
        "--exclude-path=/ops/events",  # a stream that does not end
        "--generation-deterministic",
        "--suppress-health-check=all",
        "--continue-on-failure",
        "--request-timeout=30",
        "--no-color",
        "--warnings=off",
    ]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600 + FUZZED, check=False)

    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    made = re.search(r"([\d,]+) generated", ran.stdout)
    assert made is not None, ran.stdout[-2000:]
    print(f"{role}: {made[1]} requests")
    assert int(made[1].replace(",", "")) >= FEWEST
