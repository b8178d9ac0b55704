"""Which answers are those of a gateway in front of the target, and not the API's own."""

from __future__ import annotations

from duologue.contracts.http.transport import Response

GATEWAY_REFUSALS = (401, 403, 405, 407)
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
        "www-authenticate",
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
    or names another server. JSON without ``error`` has to lack such a header; text, HTML or an
    empty body are taken for a gateway's unless headers tell that they are not.
    """
    if not 400 <= answer.status < 500 or answer.error or not own.error:
        return False
    marks, names = own.headers.keys() - ORDINARY, answer.headers.keys()
    servers = {each.headers.get("server", "") for each in (answer, own)} - {""}
    if is_refused_with_a_page(answer) or len(servers) > 1:
        return True
    return not marks <= names or (not marks and answer.body is None)
