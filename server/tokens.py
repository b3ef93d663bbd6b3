"""Whether a request bears the operator's token. What it is then allowed is left to the views."""

from __future__ import annotations

import hmac


def bears_token(authorization: str | None, token: str) -> bool:
    """Whether an Authorization header bears this token; without a token nobody does.

    >>> bears_token("Bearer open sesame", "open sesame"), bears_token("Bearer ", ""), bears_token(None, "open sesame")
    (True, False, False)
    """
    if not token:
        return False
    return hmac.compare_digest((authorization or "").encode("utf-8"), f"Bearer {token}".encode())
