"""Verbs of accounts: signing in, posts, staff, API keys, and access given again."""

from service.accounts.actions.access import ask_reset, change_password, decide_reset
from service.accounts.actions.api_keys import make_api_key, revoke_api_key
from service.accounts.actions.posts import add_post, end_post, give_post, organisation_named
from service.accounts.actions.signing_in import (
    GATE,
    ShortMessages,
    check_password,
    choose_language,
    choose_post,
    close_all_sign_ins,
    close_sign_in,
    code_refused,
    link_person,
    open_sign_in,
    phone_number,
    send_code,
    use_code,
)
from service.accounts.actions.staff import (
    change_state,
    create_staff,
    create_staff_account,
    not_oneself,
    sign_out_everywhere,
)

__all__ = [
    "GATE",
    "ShortMessages",
    "add_post",
    "ask_reset",
    "change_password",
    "change_state",
    "check_password",
    "choose_language",
    "choose_post",
    "close_all_sign_ins",
    "close_sign_in",
    "code_refused",
    "create_staff",
    "create_staff_account",
    "decide_reset",
    "end_post",
    "give_post",
    "link_person",
    "make_api_key",
    "not_oneself",
    "open_sign_in",
    "organisation_named",
    "phone_number",
    "revoke_api_key",
    "send_code",
    "sign_out_everywhere",
    "use_code",
]
