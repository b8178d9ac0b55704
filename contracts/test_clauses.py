"""The clauses as tests: collected by ``pytest --pyargs duologue.contracts``."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue.contracts.clause import Clause, choose
from duologue.contracts.reports.junit import told
from duologue.contracts.run.results import Verdict
from duologue.contracts.session import Session


@pytest.mark.parametrize("clause", choose(()), ids=lambda clause: clause.id)
def test_clause(
    clause: Clause, contract_session: Session, record_property: Callable[[str, object], None]
) -> None:
    """The target keeps the clause."""
    (result,), _ = contract_session.settled([contract_session.play(clause)])
    record_property("contract_result", json.dumps(result.as_dict(), ensure_ascii=False))
    if result.verdict is Verdict.NOT_STAGED:
        pytest.skip(f"not staged: {result.why}")
    if result.verdict is Verdict.ACCEPTED:
        pytest.xfail(f"accepted: {result.why}")
    if result.verdict is Verdict.ERROR:
        lines = [result.why, result.traceback, *(told(each.as_dict()) for each in result.findings)]
        pytest.fail("\n".join(lines), pytrace=False)
    if result.verdict is Verdict.NOT_REACHED:
        pytest.fail(f"not reached: {result.why}\n{clause.statement}", pytrace=False)
    if result.verdict is Verdict.BROKEN:
        lines = [
            *filter(None, (clause.statement, result.why)),
            *(told(finding.as_dict()) for finding in result.findings),
        ]
        pytest.fail("\n".join(lines), pytrace=False)
