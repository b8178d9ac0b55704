"""The default of each replaceable behaviour: what the documents say.

Faults, conforming variants and the live dialect replace some of these; none of the functions named
here knows that it can be replaced.
"""

from __future__ import annotations

from duologue.mockserver import clock
from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.domain import ids, rules
from duologue.mockserver.http import request_parser, responses
from duologue.mockserver.http.representations import serializers
from duologue.mockserver.store.store import Store
from duologue.mockserver.usecases import conversations, effects


def behaviours() -> Behaviours:
    """Return the behaviours of the documented dialect."""
    return Behaviours(
        # What the mock is driven by: the document, and what becomes of a call that departs from it.
        document=request_parser.as_written,
        admit=request_parser.admit_all,
        refuse=request_parser.refuse,
        # Access: callers and peers.
        check_key=rules.check_key,
        check_scope=rules.check_scope,
        check_caller=rules.check_caller,
        check_peer=rules.check_peer,
        check_party=rules.check_party,
        check_member=rules.check_member,
        is_party=rules.is_party,
        is_visible=rules.is_visible,
        resets_unseen=rules.resets_unseen,
        missing=rules.missing,
        missing_by_id=rules.missing_by_id,
        # How things are named.
        fold=ids.fold,
        conversation_id=ids.conversation_id,
        parse_conversation_id=ids.parse_conversation_id,
        # What a list is narrowed to; how each filter narrows it is among the criteria.
        filters_of=conversations.filters_of,
        # What time it is; where the state is read and written, and so when a write is seen.
        now=clock.read,
        reads_from=Store.reading,
        writes_to=Store.writing,
        # What a message moves.
        counts_message=rules.counts_message,
        moves_last_message=rules.moves_last_message,
        moves_updated_at=rules.moves_updated_at,
        moved_to=rules.moved_to,
        # How far a copy is read, and what it keeps.
        read_through=rules.read_through,
        unread_after=rules.unread_after,
        read_by_reset=rules.read_by_reset,
        erases_messages=rules.erases_messages,
        hidden_by_delete=rules.hidden_by_delete,
        kept_tags=rules.kept_tags,
        shown_message=rules.shown_message,
        # What the verbs do, each once for users and groups.
        mark_read=effects.mark_read,
        mark_delivered=effects.mark_delivered,
        mark_unread=effects.mark_unread,
        reset=effects.reset,
        delete=effects.delete,
        update_tags=effects.update_tags,
        send=effects.send,
        delete_message=effects.delete_message,
        join=effects.join,
        kick=effects.kick,
        note_action=effects.note_action,
        deactivate=effects.deactivate,
        erase_user=effects.erase_user,
        erase_group=effects.erase_group,
        # How each property is shown; ABSENT leaves it out.
        show_conversation_id=serializers.conversation_id,
        show_conversation_type=serializers.conversation_type,
        show_unread_message_count=serializers.unread_message_count,
        show_last_message=serializers.last_message,
        show_conversation_with=serializers.conversation_with,
        show_created_at=serializers.created_at,
        show_updated_at=serializers.updated_at,
        show_tags=serializers.tags,
        show_owner=serializers.owner,
        show_conversation=serializers.conversation,
        show_peer_tags=serializers.peer_tags,
        show_user=serializers.user,
        show_group=serializers.group,
        show_member=serializers.member,
        show_message=serializers.message,
        show_content=serializers.content,
        # What an answer is made of, and the last word on it.
        show_success=responses.success,
        show_done=responses.done,
        show_unread_success=responses.unread_success,
        show_envelope=responses.envelope,
        show_pagination=responses.pagination,
        show_refusal=responses.refusal,
        status_of=responses.status_of,
        headers_of=responses.headers_of,
        finish=responses.finish,
    )
