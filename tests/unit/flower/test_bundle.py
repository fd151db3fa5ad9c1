"""What goes to the providers' machines: the whole app, and nothing of the exchange's services."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from flwr.cli.build import build_fab_from_disk

APP = Path(__file__).resolve().parents[3] / "services/flower/app"
MODULES = sorted(APP.rglob("*.py"))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle as the coordinator builds it, unpacked."""
    folder = tmp_path_factory.mktemp("bundle")
    with zipfile.ZipFile(io.BytesIO(build_fab_from_disk(APP))) as archive:
        archive.extractall(folder)
    return folder


def test_every_module_of_the_app_is_in_the_bundle(bundle: Path) -> None:
    assert {path.relative_to(bundle) for path in bundle.rglob("*.py")} == {path.relative_to(APP) for path in MODULES}


def test_the_bundle_is_the_same_bytes_each_time_it_is_built() -> None:
    assert build_fab_from_disk(APP) == build_fab_from_disk(APP)


def test_both_apps_load_from_the_bundle_alone(bundle: Path) -> None:
    code = (
        "import oe_app.client_app, oe_app.server_app, sys;"
        "print(oe_app.__file__, [m for m in sys.modules if m in ('services', 'shared')])"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=bundle, capture_output=True, text=True, check=True, timeout=60)

    assert found.stdout.strip() == f"{bundle}/oe_app/__init__.py []"


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(APP)) for path in MODULES])
def test_no_module_imports_the_exchange(path: Path) -> None:
    imported = set()
    for statement in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(statement, ast.Import):
            imported |= {name.name.split(".")[0] for name in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            imported.add(statement.module.split(".")[0])

    assert not imported & {"services", "shared", "deploy", "tests"}


def test_a_provider_loads_nothing_heavy_for_a_round() -> None:
    """Every import is paid per message: scikit-learn alone costs a second."""
    code = "import oe_app.client_app, sys; print([m for m in ('sklearn', 'scipy', 'pandas', 'torch') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], cwd=APP, capture_output=True, text=True, check=True, timeout=60)

    assert found.stdout.strip() == "[]"
