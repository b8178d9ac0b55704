"""Authentication tokens: issued, found, listed, revoked."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.engine import Connection

from duologue.mockserver.domain.limits import ACTIVE_TOKENS
from duologue.mockserver.domain.model import AuthToken, Page
from duologue.mockserver.domain.tokens import token_text
from duologue.mockserver.store import schema
from duologue.mockserver.store.prepared import PreparedStatement

_tokens, _users = schema.tokens, schema.users

_OWNER = PreparedStatement(
    select(_tokens.c.uid)
    .join(_users, _users.c.uid == _tokens.c.uid)
    .where(_tokens.c.token == bindparam("wanted"), _users.c.deactivated_at.is_(None))
)
_OF_USER = (
    select(_tokens.c.token, _tokens.c.uid, _tokens.c.created_at)
    .where(_tokens.c.uid == bindparam("wanted"))
    .order_by(_tokens.c.id.desc())
)
_LIST = _OF_USER.limit(bindparam("take")).offset(bindparam("skip"))
_COUNT = select(func.count()).where(_tokens.c.uid == bindparam("wanted"))
_REVOKE = delete(_tokens).where(
    _tokens.c.uid == bindparam("wanted"), _tokens.c.token == bindparam("one")
)
_REVOKE_ALL = delete(_tokens).where(_tokens.c.uid == bindparam("wanted"))
_NEWEST = (
    select(_tokens.c.id)
    .where(_tokens.c.uid == bindparam("wanted"))
    .order_by(_tokens.c.id.desc())
    .limit(ACTIVE_TOKENS)
)
_FORGET_OLDEST = _REVOKE_ALL.where(_tokens.c.id.not_in(_NEWEST))


def owner(conn: Connection, token: str) -> str | None:
    """Return the uid that the token stands for; None for one that is unknown or revoked."""
    uid: str | None = _OWNER.value(conn, {"wanted": token})
    return uid


def owners(conn: Connection) -> list[str]:
    """Return the uids of the users that have tokens, in order."""
    found = select(_tokens.c.uid).distinct().order_by(_tokens.c.uid)
    return list(conn.execute(found).scalars())


def issue(conn: Connection, uid: str, *, now: int) -> AuthToken:
    """Store a new token of the user; beyond 100 the user's oldest are revoked.

    Its text follows from the world's name and seed and from how many were issued before.
    """
    world, seed = conn.execute(select(schema.origin.c.world, schema.origin.c.seed)).first() or (
        "",
        0,
    )
    row = {"token": "", "uid": uid, "created_at": now}
    number: int = conn.execute(insert(_tokens).returning(_tokens.c.id), row).scalar_one()
    token = AuthToken(token_text(world, seed, number=number, uid=uid), uid, now)
    this = _tokens.c.id == number
    conn.execute(_tokens.update().where(this).values(token=token.text))
    conn.execute(_FORGET_OLDEST, {"wanted": uid})
    return token


def page(conn: Connection, uid: str, *, per_page: int, number: int) -> Page[AuthToken]:
    """Return a page of the user's active tokens, the newest first."""
    wanted = {"wanted": uid}
    bounds = {"take": per_page, "skip": per_page * (number - 1)}
    found = tuple(AuthToken(*row) for row in conn.execute(_LIST, wanted | bounds))
    total = conn.execute(_COUNT, wanted).scalar_one()
    return Page(found, total, per_page, number)


def revoke(conn: Connection, uid: str, token: str) -> bool:
    """Remove one token of the user; return whether the user had it."""
    return conn.execute(_REVOKE, {"wanted": uid, "one": token}).rowcount > 0


def revoke_all(conn: Connection, uid: str | None = None) -> int:
    """Remove all tokens of the user, or of everybody; return how many there were."""
    if uid is None:
        return conn.execute(delete(_tokens)).rowcount
    return conn.execute(_REVOKE_ALL, {"wanted": uid}).rowcount
