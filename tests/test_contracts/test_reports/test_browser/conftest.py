"""report.html in a browser, from a file."""

from __future__ import annotations

import pytest

from duologue.contracts.reports.registry import write_reports
from support.clients.browser import browser, expect, open_page, shots

__all__ = ("browser", "expect", "open_page", "shots")


@pytest.fixture
def open_report(open_page, tmp_path):
    """Return a function that writes a document's report and opens it."""

    def open_report(document, **how):
        (path,) = write_reports(document, tmp_path, names=["html"])
        return open_page(path.as_uri(), **how)

    return open_report
