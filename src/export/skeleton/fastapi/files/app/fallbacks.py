"""What is done when a dependency cannot be asked.

Give a dependency an answer of its own in FALLBACKS: from a cache, a default, a queue.
Those with a drawn fallback and none here answer with its description.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from app.settings import Link

Fallback = Callable[[Link, Exception], Awaitable[Any]]

FALLBACKS: dict[str, Fallback] = {}


async def described(link: Link, _error: Exception) -> Any:
    """Says what the design says."""
    return {"fallback": link.fallback}


def of(link: Link) -> Fallback | None:
    """The fallback of a dependency; None where there is none."""
    return FALLBACKS.get(link.name, described if link.fallback is not None else None)
