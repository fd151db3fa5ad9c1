"""The gateway's OpenAPI document, held against what the running exchange answers to thousands of generated requests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.stack import RealStack

CASES = os.environ.get("OPENAPI_CASES", "10")
"""Generated cases per operation and phase."""

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth"


def test_every_answer_is_what_the_document_says(real_stack: RealStack, tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "schemathesis"
    command = [
        str(program),
        "run",
        f"{real_stack.stack.gateway_url}/openapi.json",
        f"--header=Authorization: Bearer {real_stack.stack.key('operator')}",
        f"--checks={CHECKS}",
        f"--max-examples={CASES}",
        "--phases=examples,coverage,fuzzing",
        "--exclude-path=/ops/events",  # a stream that does not end
        "--generation-deterministic",
        "--suppress-health-check=all",
        "--continue-on-failure",
        "--request-timeout=30",
        "--no-color",
        "--warnings=off",
    ]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False)

    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
