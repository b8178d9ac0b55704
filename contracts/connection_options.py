"""What commands share that speak to a target: how it is reached, and how errors are told."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from duologue.contracts import config_file
from duologue.contracts.config_file import OptionForm
from duologue.contracts.errors import INTERRUPTED, OptionInvalid, RunNotMade
from duologue.contracts.http.connection import Network
from duologue.contracts.http.pacing import requests_per_s
from duologue.contracts.http.redaction import Redactor
from duologue.contracts.http.target import KEY_VARIABLE, redactor_of, variables_in
from duologue.contracts.shortage import shortage_of

F = TypeVar("F", bound=Callable[..., Any])
LONGEST_S = 1_000_000  # timers and dates of the system take no more than some thousand years


class Seconds(click.FloatRange):
    """A length of time: a number from ``min`` to ``LONGEST_S``, neither 'nan' nor 'inf'."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the seconds; raise click.BadParameter."""
        seconds = float(super().convert(value, param, ctx))
        if not seconds <= LONGEST_S:  # so 'nan' is refused, too
            self.fail(f"{value} is no number of seconds up to {LONGEST_S}.", param, ctx)
        return seconds


PEM_FILE = click.Path(exists=True, dir_okay=False, readable=True)
OPTIONS = (
    click.option("--api-key-env", default=KEY_VARIABLE, show_default=True, metavar="NAME"),
    click.option(
        "--header",
        "headers",
        multiple=True,
        metavar="NAME=VARIABLE",
        help="For a gateway: header with the value of an environment variable; repeatable.",
    ),
    click.option("--cookie", "cookies", multiple=True, metavar="NAME=VARIABLE", help="The same."),
    click.option("--ca", type=PEM_FILE, metavar="FILE", help="Authorities to trust (PEM)."),
    click.option("--client-cert", type=PEM_FILE, metavar="FILE", help="Certificate and key (PEM)."),
    click.option("--insecure", is_flag=True, help="Do not check the target's certificate."),
    click.option("--rate", metavar="N/s|m|h", help="At most so many requests, as in 300/m."),
    click.option("--timeout", default=10.0, show_default=True, type=Seconds(0.1), metavar="S"),
)


def connection_options(command: F) -> F:
    """Add the options that say how a target is reached."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def connection_settings(options: dict[str, Any]) -> dict[str, Any]:
    """Return what the options of ``connection_options`` say, by the names of RunSettings.

    The options are taken out of ``options``. Raises OptionInvalid.
    """
    take = options.pop
    return {
        "key_variable": take("api_key_env"),
        "headers": take("headers"),
        "cookies": take("cookies"),
        "network": Network(
            ca_file=take("ca"), client_cert=take("client_cert"), insecure=take("insecure")
        ),
        "rate_per_s": rate_per_s(take("rate")),
        "timeout_s": take("timeout"),
    }


def redactor_for(options: dict[str, Any]) -> Redactor:
    """Return what hides the values of all variables that the options name."""
    pairs = [*options["headers"], *options["cookies"]]
    return redactor_of([options["api_key_env"], *variables_in(pairs)])


def take_named_target(context: click.Context, _: click.Parameter, name: str | None) -> str | None:
    """Take the options of a target in contracts.toml as defaults: flags and environment win.

    An address is returned as it is.
    """
    if name is None or "/" in name or ":" in name:
        return name
    with errors_in_a_sentence():
        given = config_file.options_of(name, Path.cwd(), run_option_forms(context))
        if "target" not in given and context.command.name != "run":
            raise OptionInvalid(name, "this target of contracts.toml has no 'target' address")
    known_here = {option_name(each): each for each in context.command.params}
    context.default_map = {
        known_here[key].name: value for key, value in given.items() if key in known_here
    }
    return str(given.get("target", "")) or None


def option_name(parameter: click.Parameter) -> str:
    """Return an option's name as it stands in contracts.toml: ``api-key-env``."""
    return max(parameter.opts, key=len).removeprefix("--")


def run_option_forms(context: click.Context) -> dict[str, OptionForm]:
    """Return the forms of all options of a run, which a named target may have, by their names."""
    group = context.find_root().command
    command = group.commands["run"] if isinstance(group, click.Group) else context.command
    return forms_of(command)


def forms_of(command: click.Command) -> dict[str, OptionForm]:
    """Return the forms of a command's options by their names in contracts.toml."""
    return {
        option_name(each): _form_of(each)
        for each in command.params
        if isinstance(each, click.Option)
    }


def _form_of(option: click.Option) -> OptionForm:
    if option.is_flag:
        return OptionForm.FLAG
    return OptionForm.MANY if option.multiple else OptionForm.ONE


def rate_per_s(text: str | None) -> float | None:
    """Return what ``--rate`` says, in requests a second; raise OptionInvalid."""
    try:
        return requests_per_s(text) if text is not None else None
    except ValueError as cause:
        raise OptionInvalid("--rate", str(cause)) from cause


@contextlib.contextmanager
def errors_in_a_sentence(redactor: Redactor | None = None) -> Iterator[None]:
    """Print one sentence, without secrets, and exit with 2 where the run could not be made."""
    try:
        yield
    except RunNotMade as cause:
        sentence = (redactor or redactor_of([])).text(" ".join(str(cause).split()))
        click.echo(f"contracts: {sentence}", err=True)
        sys.exit(2)
    except (OSError, MemoryError, RuntimeError) as cause:
        if not (short := shortage_of(cause)):
            raise
        click.echo(f"contracts: {short}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo("contracts: interrupted", err=True)
        sys.exit(INTERRUPTED)
