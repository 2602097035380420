"""openapi/openapi.yaml is what the code says. (`.ci/smoke` also runs schemathesis against the live service.)"""

from typing import Any

import yaml
from django.core.management import call_command

from tests.document import DOCUMENT


def test_the_document_has_not_drifted(tmp_path: Any) -> None:
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(fresh), validate=True, fail_on_warn=True)
    assert fresh.read_text() == DOCUMENT.read_text()
    assert yaml.safe_load(fresh.read_text())["openapi"].startswith("3.1")
