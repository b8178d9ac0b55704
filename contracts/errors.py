"""What can go wrong with a run, and how a clause says that it was not kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from duologue.contracts.escaping import as_json
from duologue.contracts.failed_call import Because

INTERRUPTED = 130  # the exit code of a command that a signal has ended


class ContractsError(Exception):
    """The root of everything this package raises on purpose; a copy in another process is alike."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Else a copy is made by calling the class with the message alone.
        return _copy_of, (type(self), self.args), self.__dict__


def _copy_of(kind: type[ContractsError], args: tuple[Any, ...]) -> ContractsError:
    copy = kind.__new__(kind)
    copy.args = args
    return copy


class RunNotMade(ContractsError):
    """The run could not be made at all: exit code 2 and one sentence."""


class TargetUnreachable(RunNotMade):
    """Nothing answers HTTP at the target's address."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"nothing answers at {url} ({reason}): start the target, or correct --target"
        )


class TargetTooBusy(RunNotMade):
    """The target answers 429 for longer than anyone waits."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            f"{why}: wait until its limit lets requests through again, and ask less of it with"
            " --rate, as in --rate 60/m"
        )


class PreflightTooLong(RunNotMade):
    """The time of the run was over before its first check."""

    def __init__(self, url: str, limit_s: float) -> None:
        self.url, self.limit_s = url, limit_s
        super().__init__(
            f"{url} was not ready for the first check within --max-time {limit_s:g} s: give more"
            " time, or look why it answers late"
        )


class TargetAddressInvalid(RunNotMade):
    """The target's address is no http(s) address."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(
            f"{url!r} is no http(s) address: give --target whole, version path included"
            " (http://host/v3)"
        )


class TargetAddressHoldsQuery(RunNotMade):
    """The target's address has a query or fragment, which is not repeated."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(
            f"the address {url} goes on with '?' or '#': give --target without that, version path"
            " included (http://host/v3)"
        )


class TargetAddressHoldsSecret(RunNotMade):
    """The target's address holds a name and password, which would be shown; it is not repeated."""

    def __init__(self) -> None:
        super().__init__(
            "the address holds a name or password (before '@'): leave it out of --target, and give"
            " it as --header Authorization=VARIABLE, where the environment variable holds"
            " 'Basic ...'"
        )


class HeaderUnusable(RunNotMade):
    """A header or cookie cannot be sent; its value is not told."""

    def __init__(self, option: str, why: str) -> None:
        self.option, self.why = option, why
        super().__init__(f"{option}: {why}")


class CertificateNotTrusted(RunNotMade):
    """The target's certificate is signed by nobody who is trusted here, or is for another host."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"the certificate of {url} is not trusted ({reason}): name its authority with --ca FILE"
            " or SSL_CERT_FILE, or do without the check by --insecure"
        )


class ClientCertificateMissing(RunNotMade):
    """The target ends the handshake because it got no certificate of the client."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(
            f"{url} ends the TLS handshake, as where it asks for a certificate of the client: give"
            " one with --client-cert FILE"
        )


class ProxyRefuses(RunNotMade):
    """The proxy on the way to the target asks for a name and password (407)."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(
            f"the proxy on the way to {url} asks for a name and password (407): write them into"
            " HTTP_PROXY or HTTPS_PROXY, as in http://name:password@host:port"
        )


class WrongScheme(RunNotMade):
    """The address says https where http is spoken."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(
            f"{url} does not speak TLS: write http:// in --target, or correct the port"
        )


class CleaningInvalid(RunNotMade):
    """What is to be cleaned cannot be told."""


class OptionInvalid(RunNotMade):
    """An option's value cannot be used."""

    def __init__(self, option: str, why: str) -> None:
        self.option, self.why = option, why
        super().__init__(f"{option}: {why}")


class ConfigurationInvalid(RunNotMade):
    """contracts.toml is not as described."""

    def __init__(self, place: str, why: str) -> None:
        self.place, self.why = place, why
        super().__init__(f"{place}: {why}")


class NotTheApi(RunNotMade):
    """Something answers at the target's address, but not as this API does."""

    def __init__(self, url: str, *, status: int, content_type: str, hint: str = "") -> None:
        self.url, self.status, self.content_type = url, status, content_type
        hint = hint or "give --target whole, version path included (http://host/v3)"
        super().__init__(
            f"{url} answered {status} with {content_type or 'no content type'}, expected JSON with"
            f" 'data' or 'error': {hint}"
        )


class ApiKeyMissing(RunNotMade):
    """The environment holds no API key for the target."""

    def __init__(self, variable: str) -> None:
        self.variable = variable
        # A key that was given in place of a variable's name is not repeated.
        is_name = variable.replace("_", "").isalnum() and variable.isupper()
        named = variable if is_name else "that --api-key-env names"
        super().__init__(
            f"no API key: set the environment variable {named},"
            " or name another one with --api-key-env"
        )


class ApiKeyUnusable(RunNotMade):
    """The environment holds a key that no HTTP header can carry; the key itself is not told."""

    def __init__(self, variable: str) -> None:
        self.variable = variable
        super().__init__(
            f"the API key in {variable} holds line breaks or characters beyond ASCII: copy it again"
        )


class ApiKeyRefused(RunNotMade):
    """The target knows the key's header, and refuses the key."""

    def __init__(self, variable: str, *, status: int, code: str) -> None:
        self.variable, self.status, self.code = variable, status, code
        super().__init__(
            f"the target refused the API key in {variable} ({status} {code}):"
            " use a key of scope fullAccess"
        )


class CreationRefused(RunNotMade):
    """The target lets nobody make test data: no further call would change that."""

    def __init__(self, operation: str, answer: str) -> None:
        self.operation, self.answer = operation, answer
        super().__init__(
            f"the target refused {operation} ({answer}): use a key that may create test data,"
            " or judge existing conversations with --cast auto"
        )


class AnswersCached(RunNotMade):
    """A cache in front of the target gives answers that are older than what was done since."""

    def __init__(self, operation: str) -> None:
        self.operation = operation
        super().__init__(
            f"a cache in front of the target gave {operation} an answer from before the last"
            " change: let it keep none of the API's answers, or name an address behind it"
        )


class NoWorkingDirectory(RunNotMade):
    """The directory that the command was started in is not there any more."""

    def __init__(self) -> None:
        super().__init__("the working directory was removed: change to one that is there")


class StatementsRemoved(RunNotMade):
    """Python has removed the docstrings, and with them what each clause states."""

    def __init__(self) -> None:
        super().__init__(
            "Python has removed the texts of the clauses: run it without -OO, and without"
            " PYTHONOPTIMIZE=2"
        )


class UnknownClause(RunNotMade):
    """``--only`` names neither a clause nor an operation."""

    def __init__(self, name: str, near: list[str]) -> None:
        self.name, self.near = name, near
        hint = f"did you mean {', '.join(near)}?" if near else "see 'contracts list'"
        super().__init__(f"no clause and no operation is called {name!r}: {hint}")


class KnownFailuresUnreadable(RunNotMade):
    """A list of accepted deviations is not of the described form."""

    def __init__(self, source: str, why: str) -> None:
        self.source, self.why = source, why
        super().__init__(f"no accepted deviations from {source}: {why}")


class ExistingDataUnreadable(RunNotMade):
    """The file given with --cast, or the target's lists, give no usable conversation."""

    def __init__(self, source: str, why: str) -> None:
        self.source, self.why = source, why
        super().__init__(f"no existing conversations from {source}: {why}")


class OutputNotWritable(RunNotMade):
    """A folder for reports, or another file, cannot be written to."""

    def __init__(self, path: Path, why: str, *, option: str = "--output") -> None:
        self.path, self.why, self.option = path, why, option
        where = f"reports to {path}" if option == "--output" else str(path)
        super().__init__(f"cannot write {where} ({why}): choose another {option}")


class MockNotStarted(RunNotMade):
    """The bundled mock did not come up."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(f"the bundled mock did not start: {said or 'it said nothing'}")


class EndedBySystem(ContractsError):
    """The system has ended a process of the suite, as it does where memory runs out."""


class MockEnded(RunNotMade):
    """The bundled mock ended before the run did."""

    def __init__(self, how: str, said: str) -> None:
        self.how, self.said = how, said
        last = f", and said: {said}" if said else ""
        super().__init__(f"the bundled mock {how}{last}: run again")


class AcceptanceInvalid(RunNotMade):
    """What is to be accepted cannot be told."""


class MergeInvalid(RunNotMade):
    """The results given are not all the shards of one run."""


class ReplayInvalid(RunNotMade):
    """What is to be replayed cannot be told."""


class ResultsUnreadable(RunNotMade):
    """A results.json cannot be used; ``why`` names the fix."""

    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"{path} cannot be used: {why}")


class ProxyNotStarted(RunNotMade):
    """The proxy cannot listen there."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.host, self.port, self.reason = host, port, reason
        super().__init__(
            f"cannot listen on {host}:{port} ({reason}): choose another --port, 0 for a free one"
        )


class Broken(ContractsError):
    """The target did something else than the clause says."""

    def __init__(self, title: str, *, expected: str, actual: str) -> None:
        self.title, self.expected, self.actual = title, expected, actual
        super().__init__(f"{title}: expected {expected}, got {actual}")


class NotReached(ContractsError):
    """The clause's point was never reached: a step on the way to it failed.

    ``status`` is that of the last answer where a gateway gave it in place of the target, else 0;
    ``answer`` is that answer where it is known. ``because`` is the call that failed, once the
    context that made it has said so.
    """

    def __init__(self, why: str, *, status: int = 0, answer: object = None) -> None:
        self.why, self.status, self.answer = why, status, answer
        self.because: Because | None = None
        super().__init__(why)


class StillTooMany(NotReached):
    """The target goes on answering 429."""


class OperationMissing(NotReached):
    """The target lacks an operation that the clause is not about."""


class OutcomeUnknown(NotReached):
    """A request that must not be sent twice got no answer: it may have been carried out."""


class AnswerLost(NotReached):
    """A deletion got no answer, and a second one found nothing: which of them did it is unknown.

    Nobody can tell what the first answer was, so the check is made again from its beginning.
    """


class MalformedAnswer(NotReached):
    """The target's answer holds another kind of value than the step needs.

    The readers of answers raise it. Any other exception in a check is a defect of the suite.
    """

    def __init__(self, place: str, *, expected: str, actual: object) -> None:
        self.place, self.expected, self.actual = place, expected, actual
        super().__init__(
            f"{place} is not as it can be read: expected {expected}, got {as_json(actual)}"
        )


class NotStaged(ContractsError):
    """The target lacks what the clause needs, and it may not be made there."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class Interrupted(ContractsError):
    """The run is being ended: no further call is made but those that clean up."""
