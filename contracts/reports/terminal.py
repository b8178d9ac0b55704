"""The terminal report: a line for each clause, a summary at the end; plain lines elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from duologue.contracts.escaping import printable
from duologue.contracts.reports.roots import (
    followers,
    hanging_line,
    ids_of,
    root_of,
    unreached_by_call,
    unreached_lines,
)
from duologue.contracts.run.cleanup import summary_of
from duologue.contracts.run.results import STALE, Result, Verdict

STYLES = {
    "held": "green",
    "broken": "bold red",
    "not_reached": "yellow",
    "not_staged": "cyan",
    "accepted": "magenta",
    "error": "bold white on red",
}
SHORT_WAIT_S = 2
MOST_REASONS = 3
FATES = {
    "accepted": ("magenta", "accepted"),
    "expired": ("bold red", "no longer accepted"),
    "broken_otherwise": ("bold red", "accepted, but broken otherwise"),
    "no_longer_occurs": ("yellow", "accepted, but no longer occurs"),
}
WORDS = {name: name.replace("_", " ") for name in STYLES}


class Terminal:
    """Reports results during a run: a bar on a terminal, one line each elsewhere."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not moves_cursor(console),
        )
        self._task = self._progress.add_task("clauses", total=total)

    def __enter__(self) -> Terminal:
        self._progress.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._progress.stop()

    def waits(self, seconds: float, why: str) -> None:
        """Say on the progress line, elsewhere in a line, that the run waits, and why."""
        if not moves_cursor(self._console):
            wait_line(self._console)(seconds, why)
        elif seconds >= SHORT_WAIT_S:
            self._progress.update(self._task, description=_wait(seconds, why))

    def tell(self, result: Result) -> None:
        """Report one clause's result; on a terminal only what is not held."""
        self._progress.update(self._task, advance=1, description="clauses")
        if moves_cursor(self._console) and result.verdict is Verdict.HELD:
            return
        word = WORDS[result.verdict.value]
        style = STYLES[result.verdict.value]
        self._console.print(f"[{style}]{word:<11}[/] {escape(result.clause.id)}", highlight=False)


def wait_line(console: Console) -> Callable[[float, str], None]:
    """Return what says in a line that a run waits, and why."""

    def waits(seconds: float, why: str) -> None:
        if seconds >= SHORT_WAIT_S:
            console.print(_wait(seconds, why), highlight=False)

    return waits


def _wait(seconds: float, why: str) -> str:
    return f"waiting {seconds:.0f} s: {why}"


def moves_cursor(console: Console) -> bool:
    """Return whether the output is a terminal whose cursor may be moved.

    FORCE_COLOR makes rich take any file for one; it asks for colours and not for more.
    """
    return console.file.isatty() and not console.is_dumb_terminal


def summarize(document: dict[str, Any], console: Console) -> None:
    """Print each cause with its calls, then the counts, then the verdict in one line."""
    _print_causes(document, console)
    for known_failure in document["deviations"]:
        if known_failure["fate"] in FATES:
            console.print(_deviation_line(known_failure), highlight=False, soft_wrap=True)
    for line in unreached_lines(document):
        console.print(f"[yellow]never answered 2xx[/] {line}", highlight=False, soft_wrap=True)
    for left in summary_of(document["left_behind"]):
        shown = escape(printable(left))
        console.print(f"[yellow]left behind[/] {shown}", highlight=False, soft_wrap=True)
    if document["left_behind"] and document["origin"]["options"].get("keep"):
        console.print("kept for its findings: 'contracts clean --from results.json' removes it")
    if document["defect"]:
        for line in ["a defect of the suite ended the run:", *document["defect"].splitlines()]:
            _print(line, console)
    if document["insecure"]:
        console.print("[yellow]insecure[/] the target's certificate was not checked")
    for note in document.get("notes", ()):
        console.print(f"[cyan]note[/] {escape(printable(note))}", highlight=False, soft_wrap=True)
    for name, phase in document["phases"].items():
        console.print(_phase_line(name, phase), highlight=False)
    counts = ", ".join(
        f"{n} {WORDS[name]}" for name, n in document["summary"].items() if n or name != "error"
    )
    asked = document["operations"]
    reached = sum(any(s.startswith("2") for s in each["by_status"]) for each in asked.values())
    wanted = asked.keys() | document["unreached_operations"]  # some may not have been asked for
    console.print(
        f"{counts}; {reached} of {len(wanted)} operations answered 2xx",
        highlight=False,
        soft_wrap=True,
    )
    if following := followers(document):
        hanging = sum(map(len, following.values()))
        others = "1 other" if len(following) == 1 else f"{len(following)} others"
        _print(f"{hanging} of these follow from {others}, as told there", console)
    seconds = document["duration_s"]
    _print(f"{verdict_of(document)} in {seconds:.1f} s{share_judged(document)}", console)


def _deviation_line(known_failure: dict[str, Any]) -> str:
    """Return a known failure and what became of it as one line."""
    style, word = FATES[known_failure["fate"]]
    until = f", until {known_failure['expires']}" if known_failure["expires"] else ""
    shown = (
        f"{known_failure['clause']}: {known_failure['reason']} ({known_failure['evidence']}{until})"
    )
    return f"[{style}]{word}[/] {escape(shown)}"


def _phase_line(name: str, phase: dict[str, Any]) -> str:
    """Return what a generation phase sent and the share answered 2xx."""
    missed = phase["operations_without_2xx"]
    rest = f", none for {', '.join(missed)}" if missed else ""
    rest += ", cut short for want of time" if phase["cut_short"] else ""
    return f"{name}: {phase['requests']} requests, {phase['ok_share']:.0%} answered 2xx{rest}"


def verdict_of(document: dict[str, Any]) -> str:
    """Return the run's verdict in a word or two."""
    summary = document["summary"]
    checks = {
        "interrupted": document["interrupted"],
        "the suite has a defect": document["defect"],
        "a check has a defect": summary["error"],
        "broken": summary["broken"],
        "not all reached": summary["not_reached"] or document["unreached_operations"],
        "the list of known failures is out of date": document["strict_accept"]
        and any(each["fate"] in STALE for each in document["deviations"]),
    }
    for word, is_so in checks.items():
        if is_so:
            return word
    if document["ended_early"]:
        return f"ended {document['ended_early']}"
    return _success(summary)


def share_judged(document: dict[str, Any]) -> str:
    """Return how many clauses could be judged and why not the rest; empty if that is the lesser."""
    reasons = Counter(
        clause["why"] for clause in document["clauses"] if clause["verdict"] == "not_staged"
    )
    missing, total = reasons.total(), len(document["clauses"])
    if missing <= total - missing:
        return ""
    told = [f"{why} ({n})" for why, n in reasons.most_common(MOST_REASONS)]
    if more := missing - sum(n for _, n in reasons.most_common(MOST_REASONS)):
        told.append(f"other reasons ({more})")
    return f"; {total - missing} of {total} clauses could be judged, not the rest: " + "; ".join(
        told
    )


def _success(summary: dict[str, int]) -> str:
    if not summary["held"]:
        return "nothing was shown"
    if summary["not_staged"] > summary["held"]:
        return "what could be judged held"
    return "all held or accepted" if summary["accepted"] else "all held"


def _print_causes(document: dict[str, Any], console: Console) -> None:
    """Print each clause that is broken or has a defect, then what kept others from their point."""
    following = followers(document)
    for clause in document["clauses"]:
        if clause["verdict"] not in ("held", "accepted", "not_reached") and not root_of(clause):
            _print_clause(clause, console)
            if ids := following.get(clause["id"]):
                _print(f"  {hanging_line(ids)}", console)
    for call, clauses in unreached_by_call(document).items():
        _print_call(call, clauses, console)


def _print_clause(clause: dict[str, Any], console: Console) -> None:
    style, word = STYLES[clause["verdict"]], WORDS[clause["verdict"]]
    console.print(f"\n[{style}]{word}[/] [bold]{escape(clause['id'])}[/]", highlight=False)
    for line in clause["statement"].splitlines():
        _print(f"  {line}", console)
    _print(f"  source: {clause['source']} ({clause['basis']})", console)
    if clause["why"]:
        _print(f"  why: {clause['why']}", console)
    if clause["verdict"] == "not_reached" and (because := clause.get("because")):
        _print(f"    {because['curl']}", console)
    if clause["traceback"]:
        for line in clause["traceback"].rstrip("\n").split("\n"):
            _print(f"    {line}", console)
    for finding in clause["findings"]:
        _print(f"  - {finding['title']}", console)
        _print(f"    expected: {finding['expected']}", console)
        _print(f"    got:      {finding['actual']}", console)
        if ids := ids_of(finding):
            _print(f"    ids:      {ids}", console)
        for call in finding["calls"]:
            _print(f"    {call}", console)


def _print_call(call: str, clauses: list[dict[str, Any]], console: Console) -> None:
    """Print one clause that was not reached, or one call and the clauses that it kept from it."""
    if len(clauses) == 1:
        _print_clause(clauses[0], console)
        return
    console.print(f"\n[yellow]not reached[/] [bold]{len(clauses)} clauses[/]", highlight=False)
    _print(f"  why: {call}", console)
    if because := clauses[0].get("because"):
        _print(f"    {because['curl']}", console)
    _print(f"  {', '.join(clause['id'] for clause in clauses)}", console)


def _print(text: str, console: Console) -> None:
    """Print one line as it is, without anything that moves the cursor."""
    console.print(escape(printable(text)), highlight=False, soft_wrap=True)
