"""The clauses as tests: collected by ``pytest --pyargs duologue.contracts``."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue.contracts.clause import Clause, choose
from duologue.contracts.errors import RunNotMade
from duologue.contracts.plugin import stop
from duologue.contracts.reports.junit import finding_text
from duologue.contracts.run.results import Verdict
from duologue.contracts.session import Session


@pytest.mark.parametrize("clause", choose(()), ids=lambda clause: clause.id)
def test_clause(
    clause: Clause,
    contract_session: Session,
    record_property: Callable[[str, object], None],
    request: pytest.FixtureRequest,
) -> None:
    """The target keeps the clause."""
    try:
        played = contract_session.play(clause)
    except RunNotMade as cause:
        stop(request, f"contracts: {contract_session.target.hide(str(cause))}")
    (result,), _ = contract_session.settled([played])
    shown = contract_session.target.redactor.document(result.as_dict())
    record_property("contract_result", json.dumps(shown, ensure_ascii=False))
    if result.verdict is Verdict.NOT_STAGED:
        pytest.skip(f"not staged: {shown['why']}")
    if result.verdict is Verdict.ACCEPTED:
        pytest.xfail(f"accepted: {shown['why']}")
    if result.verdict is Verdict.ERROR:
        lines = [shown["why"], shown["traceback"], *map(finding_text, shown["findings"])]
        pytest.fail("\n".join(lines), pytrace=False)
    if result.verdict is Verdict.NOT_REACHED:
        pytest.fail(f"not reached: {shown['why']}\n{clause.statement}", pytrace=False)
    if result.verdict is Verdict.BROKEN:
        lines = [
            *filter(None, (clause.statement, shown["why"])),
            *map(finding_text, shown["findings"]),
        ]
        pytest.fail("\n".join(lines), pytrace=False)
