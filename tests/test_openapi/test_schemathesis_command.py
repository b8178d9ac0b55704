"""What Schemathesis' own command line, which many users have, tells of the mock by each document.

The suite uses Schemathesis on the contract alone, with ids that it knows; here the documents are
taken as they are.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from duologue.mockserver.testing import running
from duologue.openapi import document

WITHIN_S = 600
# Left out: which methods a path has (each document has a part of them) and whether all that a
# schema allows is accepted (a uid may be taken).
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "ignored_auth",
)


@pytest.mark.parametrize("name", ["openapi", "stage", "client"])
def test_it_finds_no_failure(name: str, tmp_path: Path) -> None:
    """In the requests that it makes of each part of a document, which are the same each time."""
    (tmp_path / "api.json").write_text(json.dumps(document.load(name)), "utf-8")

    with running("examples") as mock:
        command = [Path(sys.executable).with_name("schemathesis"), "run", "api.json"]
        done = subprocess.run(
            [
                *(*command, "--url", mock.url, "--phases", "examples,coverage"),
                *("--checks", ",".join(CHECKS), "--seed", "1", "--generation-database", "none"),
                *("--header", f"apikey: {mock.api_key}", "--header", "onBehalfOf: ana"),
                *("--warnings", "off", "--no-color"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=WITHIN_S,
        )

    assert done.returncode == 0, done.stdout + done.stderr
