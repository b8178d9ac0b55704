"""Annotations of GitHub Actions."""

from duologue.contracts.reports.github import github


def test_each_cause_is_one_error_and_the_verdict_the_last_line(document):
    *commands, last = github(document).splitlines()

    assert [line.partition("::error title=")[2].partition("::")[0] for line in commands] == [
        "error%3A errors.error",
        "broken%3A errors.broken",
        "not reached%3A errors.not-reached",
        "not reached%3A never answered 2xx%3A deleteConversation",
    ]
    assert last.startswith("contracts: 1 of 6 clauses broken")


def test_there_are_at_most_ten_and_the_rest_is_counted(document):
    broken = next(each for each in document["clauses"] if each["verdict"] == "broken")
    document["clauses"] = [{**broken, "id": f"errors.n{n}"} for n in range(15)]
    *commands, last = github({**document, "interrupted": True}).splitlines()

    assert len(commands) == 10
    assert commands[0].startswith("::error title=interrupted::Interrupted after 6 clauses")
    assert last.endswith("(6 more are not shown)")


def test_what_a_target_said_is_no_command(document):
    attack = "100%\n::set-output name=x::y\r\n##[add-mask]z, a:b"
    broken = next(each for each in document["clauses"] if each["verdict"] == "broken")
    broken["findings"][0] |= {"title": attack, "actual": attack}
    broken["id"] = f"errors.x,line=1::{attack}"
    lines = github(document).splitlines()

    assert all(line.startswith(("::error title=", "contracts: ")) for line in lines)
    (line,) = (each for each in lines if "errors.x" in each)
    title = line.partition("::error title=")[2].partition("::")[0]
    assert title.startswith("broken%3A errors.x%2Cline=1%3A%3A100%25%0A%3A%3Aset-output")
    assert "##[" not in line and "\r" not in line
