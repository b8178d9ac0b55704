"""The drill's matrix: a table on the terminal, drill.json, and drill.html in one file."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import rich.progress
from jinja2 import Environment
from rich.console import Console
from rich.table import Table

from duologue.contracts.reports.terminal import moves_cursor
from duologue.openapi.whole_file import write_whole

JSON_FILE, HTML_FILE = "drill.json", "drill.html"
MOST_NAMED = 3
Document = dict[str, Any]


def schema() -> Document:
    """Return the JSON Schema (2020-12) of drill.json."""
    text = files("duologue.contracts").joinpath("drill.schema.json").read_text(encoding="utf-8")
    document: Document = json.loads(text)
    return document


def write(document: Document, folder: Path) -> list[Path]:
    """Write drill.json and drill.html and return their paths."""
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    contents = {JSON_FILE: text, HTML_FILE: page(document)}
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]


class DrillProgress:
    """Reports outcomes during a drill: a bar on a terminal, one line each elsewhere."""

    def __init__(self, console: Console, faults: Sequence[Any]) -> None:
        self._console = console
        self._clauses = {fault.name: fault.clause for fault in faults}
        self._bar = rich.progress.Progress(
            rich.progress.TextColumn("faults"),
            rich.progress.BarColumn(),
            rich.progress.MofNCompleteColumn(),
            rich.progress.TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not moves_cursor(console),
        )
        self._task = self._bar.add_task("faults", total=len(faults))

    def __enter__(self) -> DrillProgress:
        self._bar.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._bar.stop()

    def show(self, outcome: Any) -> None:
        """Report one fault's outcome; on a terminal only survivors."""
        clause = self._clauses.get(outcome.fault)
        if clause is None:
            return  # the healthy mock
        self._bar.advance(self._task)
        is_killed = outcome.verdicts.get(clause) == "broken"
        if is_killed and moves_cursor(self._console):
            return
        word, style = ("killed", "green") if is_killed else ("survives", "bold red")
        self._console.print(f"[{style}]{word:<8}[/] {outcome.fault} by {clause}", soft_wrap=True)


def summarize(document: Document, console: Console) -> None:
    """Print a row for each clause, then what is wrong, then one last line."""
    console.print(_table(document))
    for line in problems(document):
        console.print(line, style="red", soft_wrap=True, markup=False)
    summary = document["summary"]
    console.print(
        f"{summary['killed']} of {summary['faults']} faults killed by their own clause,"
        f" {summary['survived']} survived; {summary['collateral_over_limit']} of"
        f" {summary['clauses']} clauses over the limit of collateral failures;"
        f" {document['duration_s']:.0f} s with {document['workers']} workers"
    )


def _table(document: Document) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("clause", no_wrap=True)
    table.add_column("killed", justify="right")
    table.add_column("collateral", justify="right")
    table.add_column("")
    for clause in document["clauses"]:
        if not clause["faults"] and not clause["collateral"]:
            continue
        collateral = clause["collateral"]
        named = ", ".join(collateral[:MOST_NAMED]) + (", …" if len(collateral) > MOST_NAMED else "")
        killed = f"{clause['killed']}/{clause['faults']}"
        is_over_limit = clause["id"] in document["collateral_over_limit"]
        is_fine = clause["killed"] == clause["faults"] and not is_over_limit
        style = None if is_fine else "red"
        table.add_row(clause["id"], killed, str(len(collateral) or ""), named, style=style)
    return table


def problems(document: Document) -> list[str]:
    """Return what a drill found wrong, one line each."""
    by_name = {fault["name"]: fault for fault in document["faults"]}
    clauses = {clause["id"]: clause for clause in document["clauses"]}
    lines = [
        f"false alarm: {name} does not hold on the healthy mock"
        for name in document["false_alarms"]
    ]
    for name in document["survivors"]:
        fault = by_name[name]
        lines.append(f"survives: {name} ({fault['text']}) is not found by {fault['clause']}")
    for name in document["collateral_over_limit"]:
        collateral = ", ".join(clauses[name]["collateral"])
        lines.append(f"collateral: {name} breaks under faults of other clauses: {collateral}")
    lines += [f"held unseen: {each}" for each in document["held_unseen"]]
    lines += [f"no fault: {name} is broken by none" for name in document["clauses_without_fault"]]
    lines += [
        f"no clause: {name} names a clause that does not exist"
        for name in document["faults_without_clause"]
    ]
    lines += [f"defect of the suite: {name}" for name in document["defects"]]
    return lines


def page(document: Document) -> str:
    """Return the matrix as one self-contained HTML page."""
    source = (
        files("duologue.contracts.reports").joinpath("matrix.html.j2").read_text(encoding="utf-8")
    )
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        source
    )
    sections: defaultdict[str, list[Document]] = defaultdict(list)
    for clause in document["clauses"]:
        sections[clause["id"].partition(".")[0]].append(clause)
    return template.render(
        drill=document, sections=sections, lines=problems(document), signs=SIGNS, cell=_cell
    )


SIGNS = {
    "killed": "its own clause broke",
    "survived": "its own clause did not break",
    "collateral": "another clause broke",
    "unreached": "a clause was not reached",
    "not_run": "not run: the clause takes as long as all others",
    "": "held",
}


def _cell(fault: Document, clause_id: str) -> str:
    """Return the sign for a fault and a clause."""
    if clause_id == fault["clause"]:
        return "killed" if fault["killed"] else "survived"
    if clause_id in fault["not_run"]:
        return "not_run"
    verdict = fault["verdicts"].get(clause_id, "held")
    return {"held": "", "broken": "collateral"}.get(verdict, "unreached")
