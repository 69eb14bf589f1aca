"""The threads that plain routes share, all taken by a test."""

from __future__ import annotations

from anyio import to_thread


async def take_all_threads() -> None:
    limiter = to_thread.current_default_thread_limiter()
    for number in range(int(limiter.total_tokens)):
        limiter.acquire_on_behalf_of_nowait(number)


async def give_back_all_threads() -> None:
    limiter = to_thread.current_default_thread_limiter()
    for number in range(int(limiter.total_tokens)):
        limiter.release_on_behalf_of(number)
