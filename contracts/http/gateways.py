"""Which answers are those of a gateway in front of the target, and not the API's own."""

from __future__ import annotations

import re

from duologue.contracts.http.response import Response

GATEWAY_REFUSALS = (401, 403, 405, 407)
# What the API, which answers in JSON alone, does not say of a request that it describes.
NOT_DESCRIBED = (*GATEWAY_REFUSALS, 406, 451)
# Where caches say HIT of an answer that they had.
_CACHES = ("cf-cache-status", "x-cache", "x-cache-status", "x-proxy-cache")
# Headers of any HTTP server or of the one answer: they do not tell who gave it.
ORDINARY = frozenset(
    {
        *(
            "allow",
            "alt-svc",
            "cache-control",
            "connection",
            "content-encoding",
            "content-language",
        ),
        *("content-length", "content-type", "date", "etag", "expires", "keep-alive", "location"),
        *("pragma", "retry-after", "server", "set-cookie", "transfer-encoding", "vary"),
        *("www-authenticate", "age", "cache-status", *_CACHES),
    }
)


def is_page(answer: Response) -> bool:
    """Return whether an answer is HTML, which the API never sends."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return answer.body is None and (kind == "text/html" or answer.text[:1] == "<")


def is_refused_with_a_page(answer: Response) -> bool:
    """Return whether a gateway lets the request not through, and says so in HTML."""
    return answer.status in GATEWAY_REFUSALS and is_page(answer)


def is_of_a_gateway(answer: Response, own: Response) -> bool:
    """Return whether a gateway gave a refusal itself, beside one that is the API's ``own``.

    It has another form than the API's (JSON with ``error``), and lacks headers that the API's has,
    or names another server. JSON without ``error`` has to lack such a header, to have one that the
    API's has not, or to spell its content type in another way; text, HTML or an empty body are
    taken for a gateway's unless headers tell that they are not.
    """
    if not 400 <= answer.status < 500 or answer.error or not own.error:
        return False
    if is_refused_with_a_page(answer) or _is_told_apart(answer, own):
        return True
    if answer.body is not None:
        return _kind(answer) != _kind(own) or bool(_marks(answer) - own.headers.keys())
    return not _marks(own)


def refuses_for_the_api(answer: Response, first: Response | None) -> bool:
    """Return whether a gateway refused a request that the API describes, sent with its key.

    ``first`` is the first answer of the API's own, None before it. A status that the API does not
    use for such a request is enough where the body is no JSON; any other 4xx outside the envelope
    must be told apart by what all answers of the API carry. 404 may say that the API lacks the
    operation, which is no matter of a gateway.
    """
    if not 400 <= answer.status < 500 or answer.error or answer.status in (404, 429):
        return False
    if is_refused_with_a_page(answer) or (first is not None and _is_told_apart(answer, first)):
        return True
    is_marked = first is not None and bool(_marks(first))
    return answer.body is None and answer.status in NOT_DESCRIBED and not is_marked


def _is_told_apart(answer: Response, own: Response) -> bool:
    """Return whether an answer lacks a header of the API's ``own``, or names another server."""
    servers = {each.headers.get("server", "") for each in (answer, own)} - {""}
    return len(servers) > 1 or not _marks(own) <= answer.headers.keys()


def _marks(answer: Response) -> frozenset[str]:
    return frozenset(answer.headers.keys() - ORDINARY)


def _kind(answer: Response) -> str:
    return answer.headers.get("content-type", "").replace(" ", "").lower()


def is_from_a_cache(answer: Response) -> bool:
    """Return whether a cache says that it gave the answer without asking the target.

    By ``Age`` (RFC 9111), ``Cache-Status`` (RFC 9211) and the older headers that caches add; in the
    first second Varnish tells by its ``X-Varnish`` alone, which then names two requests.
    """
    headers = answer.headers
    return (
        headers.get("age", "").strip("0 ").isdigit()
        or re.search(r";\s*hit\b", headers.get("cache-status", "")) is not None
        or any(headers.get(name, "").upper().startswith("HIT") for name in _CACHES)
        or len(headers.get("x-varnish", "").split()) > 1
    )


def form_of(answer: Response) -> str:
    """Return in which form a gateway refused a request."""
    if is_page(answer):
        return "with a page"
    if answer.body is not None:
        return "in JSON of another form than the API's"
    return "in plain text" if answer.text.strip() else "with an empty body"


def is_lost(answer: Response, *, operation: str, method: str) -> bool:
    """Return whether a deletion got no answer, and this one to a second try found nothing."""
    word = "MESSAGE" if operation == "deleteMessage" else "CONVERSATION"
    return method == "DELETE" and answer.was_repeated and word in answer.code
