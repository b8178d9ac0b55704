"""The command line: the commands of the room ``commands``, put together."""

from __future__ import annotations

from pathlib import Path

import click

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue.contracts import config_file
from duologue.contracts.clause import REGISTRY, choose
from duologue.contracts.commands.accept import accept_command
from duologue.contracts.commands.clean import clean_command
from duologue.contracts.commands.compare import compare_command
from duologue.contracts.commands.drill import drill_command
from duologue.contracts.commands.merge import merge_command
from duologue.contracts.commands.output import Commands, take_any_character
from duologue.contracts.commands.proxy import proxy_command
from duologue.contracts.commands.replay import replay_command
from duologue.contracts.commands.run import run_command
from duologue.contracts.connection_options import errors_in_a_sentence, run_option_forms
from duologue.contracts.diff.command import diff_command
from duologue.contracts.errors import NoWorkingDirectory, UnknownClause
from duologue.contracts.http.target import check_address
from duologue.contracts.reports.clause_page import page


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    package_name="duologue", prog_name="contracts", message="%(prog)s %(version)s (%(package)s)"
)
def main() -> None:
    """Judge a server by the contract of the CometChat Conversations REST API."""
    take_any_character()
    with errors_in_a_sentence():
        try:
            Path.cwd()
        except FileNotFoundError as cause:
            raise NoWorkingDirectory from cause


@main.command("targets")
def targets_command() -> None:
    """Print the named targets of contracts.toml, each with its address."""
    with errors_in_a_sentence():
        path = config_file.find(Path.cwd())
        forms = run_option_forms(click.get_current_context())
        if path is None:
            click.echo(f"no {config_file.FILE} here or above")
            return
        for name, options in config_file.targets(path, forms).items():
            address = str(options.get("target", "the bundled mock"))
            if "target" in options:
                check_address(address)
            click.echo(f"{name:<20} {address}")


@main.command("list")
def list_command() -> None:
    """Print each clause's id, basis and statement."""
    with errors_in_a_sentence():
        for clause in choose(()):
            first = clause.statement.splitlines()[0]
            click.echo(f"{clause.id:<55} {clause.basis.value:<10} {first}")


@main.command("show")
@click.argument("name", metavar="CLAUSE")
def show_command(name: str) -> None:
    """Print one clause: its statement, source, operations, and how it is checked."""
    with errors_in_a_sentence():
        chosen = choose([name])
        if name not in REGISTRY:
            raise UnknownClause(name, [each.id for each in chosen])
        click.echo(page(REGISTRY[name]))


for command in (
    run_command,
    merge_command,
    compare_command,
    accept_command,
    replay_command,
    clean_command,
    diff_command,
    drill_command,
    proxy_command,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
