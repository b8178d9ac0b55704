"""The tables.

A conversation is one row whatever the number of its parties, and each party's copy has a cursor
instead of a counter:

    unread = conversation.last_seq - copy.read_seq - copy.own - deleted messages of others since

`seq` numbers the messages that move a conversation. `own` is how many of them since the cursor are
the owner's own. So a message changes the conversation and its sender's copy, never all members.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, MetaData, Table, text

from duologue.mockserver.store.backends import FreeText, Name, Number

metadata = MetaData()

# One row once a world was loaded, so that a state whose users were all erased is not taken for new.
origin = Table(
    "origin",
    metadata,
    Column("world", FreeText, primary_key=True),
    Column("seed", Number, nullable=False, server_default=text("0")),
)

users = Table(
    "users",
    metadata,
    Column("uid", Name, primary_key=True),
    Column("name", FreeText, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("avatar", FreeText),
    Column("link", FreeText),
    Column("role", FreeText, nullable=False),
    Column("status_message", FreeText),
    Column("metadata", FreeText),
    Column("tags", FreeText, nullable=False),
    Column("updated_at", Number),
    Column("deactivated_at", Number),
    Column("status", FreeText, nullable=False, server_default="offline"),
    Column("last_active_at", Number),
    Column("search_name", FreeText, nullable=False),
    sqlite_with_rowid=False,
)

groups = Table(
    "groups",
    metadata,
    Column("guid", Name, primary_key=True),
    Column("name", FreeText, nullable=False),
    Column("type", FreeText, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("owner", Name),
    Column("icon", FreeText),
    Column("description", FreeText),
    Column("metadata", FreeText),
    Column("tags", FreeText, nullable=False),
    Column("updated_at", Number),
    Column("members_count", Number, nullable=False),
    Column("password", FreeText),  # of groups that one joins by it
    Column("search_name", FreeText, nullable=False),
    sqlite_with_rowid=False,
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Number, primary_key=True),
    Column("kind", Name, nullable=False),
    Column("key", FreeText, nullable=False),  # both uids of a 1-on-1, or the guid
    Column("last_seq", Number, nullable=False),
    Column("last_message", Number),
    Column("deletions", Number, nullable=False),  # how many numbered messages are deleted
    Column("created_at", Number, nullable=False),
    Column("updated_at", Number, nullable=False),
    # how many numbered messages mention somebody
    Column("mentions", Number, nullable=False, server_default=text("0")),
    Index("conversations_by_key", "kind", "key", unique=True),
    sqlite_autoincrement=True,
)

# A member's copy of a group's conversation is also the membership: one is never without the other.
copies = Table(
    "copies",
    metadata,
    Column("uid", Name, primary_key=True),
    Column("kind", Name, primary_key=True),
    Column("peer", Name, primary_key=True),
    Column("conversation_id", Number, nullable=False),
    Column("read_seq", Number, nullable=False),
    Column("own", Number, nullable=False),
    # -1 until the owner deletes the copy
    Column("hidden_seq", Number, nullable=False, server_default=text("-1")),
    # how far it is marked as delivered
    Column("delivered_seq", Number, nullable=False, server_default=text("0")),
    Column("tags", FreeText, nullable=False),
    # Of 1-on-1s only, so that a list is a walk along the index; a group's is its conversation's.
    Column("updated_at", Number, nullable=False),
    Column("scope", FreeText),  # of group copies only
    Column("joined_at", Number),  # of group copies only
    Index("copies_by_conversation", "conversation_id", "uid"),
    sqlite_with_rowid=False,
)

# In the very order of a list, newest first: a page is a walk of so many steps. What tells whether a
# copy is seen comes along, so that no step needs a look at the copy itself.
Index(
    "copies_by_time",
    copies.c.uid,
    copies.c.kind,
    copies.c.updated_at.desc(),
    copies.c.peer,
    copies.c.hidden_seq,
    copies.c.conversation_id,
)

messages = Table(
    "messages",
    metadata,
    Column("id", Number, primary_key=True),
    Column("conversation_id", Number, nullable=False),
    Column("seq", Number),  # none for a message to a crowded group
    Column("kind", Name, nullable=False),
    Column("sender", Name, nullable=False),
    Column("receiver", Name, nullable=False),
    Column("text", FreeText, nullable=False),
    Column("sent_at", Number, nullable=False),
    Column("category", FreeText, nullable=False, server_default="message"),
    Column("type", FreeText, nullable=False, server_default="text"),
    Column("metadata", FreeText),
    Column("updated_at", Number),
    Column("deleted_at", Number),
    Column("deleted_by", Name),
    Column("delivered_at", Number),
    Column("read_at", Number),
    Column("edited_at", Number),
    Column("edited_by", Name),
    Column("parent_id", Number),  # of a reply: the message that its thread is about
    Column("muid", FreeText),
    Column("tags", FreeText, nullable=False, server_default=""),
    Column("content", FreeText),  # JSON: what `data` holds beside text and metadata
    Column("mentions", FreeText),  # the uids mentioned, packed as tags are
    # What is gone for good keeps its number: the counts of others are measured along it.
    Column("erased", Boolean, nullable=False, server_default=text("false")),
    # An id once given never names another message, even after the newest was erased.
    sqlite_autoincrement=True,
)
Index("messages_by_seq", messages.c.conversation_id, messages.c.seq)
Index(
    "messages_deleted",
    messages.c.conversation_id,
    messages.c.seq,
    sqlite_where=messages.c.deleted_at.is_not(None),
)
# To find what an erased user said in groups; 1-on-1s go as a whole and need no look-up by sender.
Index(
    "messages_to_groups_by_sender",
    messages.c.sender,
    sqlite_where=messages.c.kind == "group",
)
Index(
    "messages_with_mentions",
    messages.c.conversation_id,
    messages.c.seq,
    sqlite_where=messages.c.mentions.is_not(None),
)
# To find the replies of a thread.
Index(
    "messages_by_parent",
    messages.c.parent_id,
    messages.c.id,
    sqlite_where=messages.c.parent_id.is_not(None),
)

# Sessions: a token stands for its user until it is revoked.
tokens = Table(
    "tokens",
    metadata,
    Column("id", Number, primary_key=True),
    Column("token", FreeText, nullable=False),
    Column("uid", Name, nullable=False),
    Column("created_at", Number, nullable=False),
    Index("tokens_by_token", "token", unique=True),
    Index("tokens_by_user", "uid", "id"),
    sqlite_autoincrement=True,
)

# Blocked users: owner and blocked user.
blocks = Table(
    "blocks",
    metadata,
    Column("uid", Name, primary_key=True),
    Column("blocked", Name, primary_key=True),
    Column("blocked_at", Number, nullable=False),
    Index("blocks_of_user", "blocked", "uid"),
    sqlite_with_rowid=False,
)

# Who may not join a group again.
bans = Table(
    "bans",
    metadata,
    Column("guid", Name, primary_key=True),
    Column("uid", Name, primary_key=True),
    Column("banned_at", Number, nullable=False),
    sqlite_with_rowid=False,
)
