"""How often a minute: by network address, and for what must keep nothing of where it comes from."""

import hashlib
import secrets
import time
from collections import Counter
from threading import Lock, Timer
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle


def throttle(scope: str, *, per_minute: int) -> type[BaseThrottle]:
    """A throttle class for `throttle_classes`: so many requests a minute from one network address.

    Generous by intent: phone carriers put thousands of people behind one address. One counter a
    window in the cache; the address is only there as a keyed hash.
    """

    class PerAddress(BaseThrottle):
        def allow_request(self, request: Request, view: Any) -> bool:
            window, self.passed = divmod(time.time(), 60)
            address = f"{settings.SECRET_KEY}{_address(request)}".encode()
            key = f"throttle:{scope}:{int(window)}:{hashlib.blake2s(address).hexdigest()}"
            if cache.add(key, 1, 61):
                return True
            try:
                return bool(cache.incr(key) <= per_minute)
            except ValueError:  # the window ended between the two
                return True

        def wait(self) -> float:
            return 60 - self.passed

    return PerAddress


class Addresses:
    """How many came from each address, in this process's memory alone and for a minute at most.

    The addresses are hashed with a salt that nothing else knows; it and the counts go together, by a clock of
    their own: waiting for the next request would keep the last ones for as long as none comes.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        with self._lock:
            self._salt, self._counts = b"", Counter[bytes]()

    def count(self, scope: str, address: str) -> None:
        with self._lock:
            if not self._salt:
                self._salt = secrets.token_bytes(32)
                clock = Timer(60, self.forget)
                clock.daemon = True
                clock.start()
            self._counts[self._key(scope, address)] += 1

    def counted(self, scope: str, address: str) -> int:
        with self._lock:
            return self._counts[self._key(scope, address)] if self._salt else 0

    def _key(self, scope: str, address: str) -> bytes:
        return hashlib.blake2s(f"{scope} {address}".encode(), key=self._salt).digest()


class OverAll(BaseThrottle):
    """So many over all senders together, and fewer from one, for what must keep nothing of where it comes from.

    Only what was kept is counted, by the view: what is refused would silence everybody, and whoever tried until no more
    was taken would learn how many others sent something. One counter, without the minute in its name: a memory that
    forgets late would hold a list of times.
    """

    scope = ""
    per_minute = 600
    per_address = 20
    addresses = Addresses()

    def allow_request(self, request: Request, view: Any) -> bool:
        if self.addresses.counted(self.scope, _address(request)) >= self.per_address:
            return False
        return bool(cache.get(self._key(), 0) < self.per_minute)

    def wait(self) -> float:
        return 59

    @classmethod
    def count(cls, request: Request) -> None:
        """One more was kept."""
        cls.addresses.count(cls.scope, _address(request))
        if cache.add(cls._key(), 1, 60):
            return
        try:
            cache.incr(cls._key())
        except ValueError:  # the minute ended between the two
            return

    @classmethod
    def _key(cls) -> str:
        return f"throttle:{cls.scope}:all"


def _address(request: Request) -> str:
    address: str = request.META.get("REMOTE_ADDR", "")
    return address
