"""Results read back from results.json."""

from datetime import date

from duologue.contracts.run.known_failures import load
from duologue.contracts.run.loading import accepted_again, result_of
from duologue.contracts.run.results import Verdict
from support.independent.app import App

TYPE = "properties.unread-message-count-is-an-integer"
NAMES = (TYPE, "properties.conversation-id-is-a-string", "marks.*")


def conversation(self, key, messages, **wants):
    shown = App.conversation(self, key, messages, **wants)
    return {**shown, "unreadMessageCount": str(shown["unreadMessageCount"])}


def test_each_result_is_read_as_it_was_written(judge, make_app):
    document = judge(make_app(overrides={"conversation": conversation}), *NAMES).as_dict()

    again = [result_of(each).as_dict() for each in document["clauses"]]

    assert again == document["clauses"]
    assert document["summary"]["broken"]


def test_a_document_is_accepted_as_its_run_would_have_been(judge, make_app, tmp_path):
    path = tmp_path / "accepted.yaml"
    path.write_text(
        f"deviations: [{{clause: {TYPE}, reason: Text., evidence: API-42, got: '^\\d+$'}}]"
    )
    document = judge(make_app(overrides={"conversation": conversation}), *NAMES).as_dict()

    accepted = accepted_again(document, load([str(path)]), today=date(2026, 11, 26))

    changed = {
        each["id"]: each["verdict"]
        for each, before in zip(accepted["clauses"], document["clauses"], strict=True)
        if each["verdict"] != before["verdict"]
    }
    assert changed == {TYPE: "accepted"}
    assert result_of(next(e for e in accepted["clauses"] if e["id"] == TYPE)).verdict is (
        Verdict.BROKEN
    )
