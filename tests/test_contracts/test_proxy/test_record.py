"""The record of what passed: verdicts, findings once, secrets, and a defect that harms nobody."""

from duologue.contracts.proxy.record import MOST_FINDINGS, UNSEEN, Record
from duologue.contracts.run.results import Verdict


class BrokenSchemas:
    """Requests that cannot be checked."""

    def undescribed(self, exchange):
        raise KeyError("defect")


def verdicts(record):
    return {each.clause.id: each for each in record.results()}


def test_a_clause_that_nothing_showed_is_not_held():
    results = verdicts(Record())

    assert {each.verdict for each in results.values()} == {Verdict.NOT_STAGED}
    assert {each.why for each in results.values()} == {UNSEEN}


def test_the_same_finding_is_told_once_and_counted(exchange):
    told = []
    record = Record(on_finding=lambda *words: told.append(words))
    for _ in range(3):
        record.add(exchange("getConversation", status=404, answer=b"<html>").raw)
    result = verdicts(record)["errors.envelope"]

    assert told == [("errors.envelope", "getConversation: the envelope of a refusal")]
    assert result.verdict is Verdict.BROKEN
    assert result.findings[0].calls[0].endswith("# 404, x3")


def test_findings_of_a_clause_are_bounded(exchange):
    record = Record()
    for n in range(MOST_FINDINGS + 5):
        record.add(exchange("getConversation", query=f"?n{n}=1", answer={"data": {}}).raw)
    result = verdicts(record)["traffic.requests-follow-the-document"]

    assert len(result.findings) == MOST_FINDINGS
    assert record.found >= MOST_FINDINGS + 5


def test_a_defect_of_a_check_is_kept_and_not_raised(exchange):
    record = Record(requests=BrokenSchemas())
    record.add(exchange("getConversation", answer={"data": {}}).raw)

    assert "KeyError: 'defect'" in record.defect
    assert record.statuses() == {"getConversation": {200: 1}}


def test_what_a_client_sent_as_a_secret_is_hidden(exchange):
    record = Record()
    headers = {"apikey": "canary-key-1", "authtoken": "canary-token-2"}
    record.add(exchange("getConversation", headers=headers).raw)

    shown = record.redactor().text("canary-key-1 and canary-token-2")
    assert shown == "$CLIENT_SECRET_1 and $CLIENT_SECRET_2"
