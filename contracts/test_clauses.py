"""The clauses as tests: collected by ``pytest --pyargs duologue.contracts``.

The first test judges all clauses that are selected, side by side as ``contracts run`` does, and
each test tells its own clause's result: one cause is one failure, whichever clause's check found
it. A worker of xdist cannot know which tests it will be given: there each clause is judged by
itself.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable

import pytest

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue.contracts.clause import Clause, choose
from duologue.contracts.errors import RunNotMade
from duologue.contracts.plugin import stop
from duologue.contracts.reports.junit import failed_call, finding_text
from duologue.contracts.reports.roots import hanging, hanging_line, told_at, unreached_lines
from duologue.contracts.reports.terminal import FATES
from duologue.contracts.run.results import Result, Run, Verdict
from duologue.contracts.session import Session

Judge = Callable[[Clause], Result]


@pytest.fixture(scope="session")
def contract_run(contract_session: Session, request: pytest.FixtureRequest) -> Run | None:
    """Judge the selected clauses and return their results; None in a worker of xdist."""
    if hasattr(request.config, "workerinput"):
        return None
    try:
        run = contract_session.run(_selected(request))
    except RunNotMade as cause:
        stop(request, f"contracts: {contract_session.target.hide(str(cause))}")
    if run.interrupted:
        raise KeyboardInterrupt
    if run.defect:
        stop(request, f"contracts: a defect of the suite ended the run:\n{run.defect}")
    for known_failure in run.known_failures:
        if known_failure["fate"] in FATES and known_failure["fate"] != "accepted":
            fate = FATES[known_failure["fate"]][1]
            warnings.warn(f"contracts: {known_failure['clause']}: {fate}", stacklevel=1)
    return run


@pytest.fixture(scope="session")
def hanging_on(contract_run: Run | None) -> dict[str, str]:
    """Return id of a root -> how many clauses follow from it, and which; see ``causes.rooted``."""
    known = hanging(contract_run.as_dict()) if contract_run is not None else {}
    return {root: hanging_line(ids) for root, ids in known.items()}


def _selected(request: pytest.FixtureRequest) -> list[Clause]:
    """Return the clauses of the tests that pytest has selected, in their order."""
    functions = [item for item in request.session.items if isinstance(item, pytest.Function)]
    parameters = [
        function.callspec.params["clause"]
        for function in functions
        if function.originalname == test_clause.__name__
    ]
    return [each for each in parameters if isinstance(each, Clause)]


@pytest.fixture
def judge(
    contract_session: Session, contract_run: Run | None, request: pytest.FixtureRequest
) -> Judge:
    """Return what gives a clause's result: from the whole run, or by itself under xdist."""
    if contract_run is not None:
        results = {result.clause.id: result for result in contract_run.results}
        return lambda clause: results[clause.id]

    def judge_alone(clause: Clause) -> Result:
        try:
            played = contract_session.play(clause)
        except RunNotMade as cause:
            stop(request, f"contracts: {contract_session.target.hide(str(cause))}")
        (result,), _ = contract_session.settled([played])
        return result

    return judge_alone


@pytest.mark.parametrize("clause", choose(()), ids=lambda clause: clause.id)
def test_clause(
    clause: Clause,
    judge: Judge,
    hanging_on: dict[str, str],
    contract_session: Session,
    request: pytest.FixtureRequest,
) -> None:
    """Check that the target keeps the clause."""
    result, follows = judge(clause), hanging_on.get(clause.id, "")
    shown = contract_session.target.redactor.document(result.as_dict())
    # record_property would do the same, and warn for each clause where JUnit's XML is written.
    told = json.dumps(shown, ensure_ascii=False)
    request.node.user_properties.append(("contract_result", told))
    if result.verdict is Verdict.NOT_STAGED:
        pytest.skip(f"not staged: {shown['why']}")
    if result.verdict is Verdict.ACCEPTED:
        pytest.xfail(f"accepted: {shown['why']}")
    if result.verdict is Verdict.ERROR:
        lines = [shown["why"], shown["traceback"], *map(finding_text, shown["findings"])]
        pytest.fail("\n".join(lines), pytrace=False)
    if result.verdict is Verdict.NOT_REACHED:
        if result.because and result.because.root:
            pytest.skip(f"not reached: see {result.because.root}")
        lines = [f"not reached: {shown['why']}", clause.statement, *failed_call(shown)]
        lines += filter(None, (follows,))
        pytest.fail("\n".join(lines), pytrace=False)
    if result.verdict is Verdict.BROKEN:
        if result.because and result.because.root:
            pytest.skip(f"broken: see {result.because.root}")
        lines = [
            *filter(None, (clause.statement, shown["why"])),
            *map(finding_text, shown["findings"]),
            *filter(None, (follows,)),
        ]
        pytest.fail("\n".join(lines), pytrace=False)


def test_operations_are_answered(contract_run: Run | None) -> None:
    """Check that each operation whose own clause was judged was answered 2xx at least once."""
    if contract_run is None:
        pytest.skip("each worker of xdist sees only a part of the run")
    document = contract_run.as_dict()
    never = told_at(document)
    for line in unreached_lines(document):
        warnings.warn(f"contracts: never answered 2xx: {line}", stacklevel=1)
    if untold := [name for name, clause in never.items() if not clause]:
        pytest.fail(f"never answered 2xx: {', '.join(untold)}", pytrace=False)
    if never:
        pytest.skip(f"never answered 2xx: see {', '.join(dict.fromkeys(never.values()))}")
