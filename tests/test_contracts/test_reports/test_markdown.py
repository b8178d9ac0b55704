"""Markdown for a job's summary."""

import re

from duologue.contracts.reports.markdown import MOST_CAUSES, markdown


def test_the_verdict_is_the_heading(document):
    first = markdown(document).splitlines()[0]

    assert first == (
        "## Contract run: 1 of 6 clauses broken, 1 not reached,"
        " 1 not judged because of a defect of the suite."
    )


def test_what_a_target_said_is_neither_markup_nor_a_mention(document):
    attack = "| `x` <b>@owner</b> #1 [a](http://evil)\n\n# heading\n</details>"
    broken = next(each for each in document["clauses"] if each["verdict"] == "broken")
    broken["findings"][0] |= {"actual": attack, "calls": [attack]}
    broken["why"] = attack
    document |= {"left_behind": [attack], "target": attack}
    text = re.sub("<pre>.*?</pre>", "", markdown(document))

    assert "<b>" not in text and "[a](" not in text
    assert not re.search(r"^# heading", text, re.MULTILINE)
    assert text.count("<details>") == text.count("</details>") == 4


def test_tables_have_as_many_cells_in_each_row(document):
    rows = [line for line in markdown(document).splitlines() if line.startswith("|")]

    assert len(rows) == 6
    assert {row.count("|") for row in rows[:3]} == {7}
    assert {row.count("|") for row in rows[3:]} == {3}


def test_a_summary_stays_below_what_github_takes(document):
    """One MiB a step; beyond, GitHub drops the whole summary."""
    broken = next(each for each in document["clauses"] if each["verdict"] == "broken")
    broken["findings"] = [{**broken["findings"][0], "calls": ["curl " + "x" * 20_000]}] * 4
    document["clauses"] = [{**broken, "id": f"errors.n{n}"} for n in range(200)]
    text = markdown(document)

    assert len(text.encode()) < 1024 * 1024
    assert f"{200 + 1 - MOST_CAUSES} more causes" in text


def test_the_call_that_decides_is_shown_whatever_came_before(document):
    broken = next(each for each in document["clauses"] if each["verdict"] == "broken")
    calls = [f"curl {n} {'x' * 900}" for n in range(8)]
    broken["findings"][0] |= {"actual": "y" * 300, "expected": "z" * 300, "calls": calls}
    text = markdown(document)

    assert "curl 7 " in text
    assert "curl 0 " not in text


def test_which_id_a_role_stands_for_is_told(document):
    broken = next(each for each in document["clauses"] if each["verdict"] == "broken")
    broken["findings"][0] |= {"roles": {"group": "duo-t-1", "group #2": "duo-t-2"}}

    assert "ids:      group = duo-t-1, group #2 = duo-t-2&#10;" in markdown(document)
