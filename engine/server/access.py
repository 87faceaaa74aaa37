"""Who may talk to the server: the names it goes by, and the token of its owner.

As with Jupyter Server, a request for a name that is not ours is refused whatever else it carries:
so a name of the attacker's that resolves to this machine (DNS rebinding) opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import re
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.errors import EngineError, reason

_TOKEN = re.compile(r"[A-Za-z0-9_\-+/=.~]{22,512}")  # 22 characters of base64 hold 128 bits


class AccessError(EngineError):
    """The server may not be opened like this."""


@dataclass
class Ticket:
    """A secret in the printed URL that opens the browser once."""

    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    used: bool = False

    def redeem(self, given: str) -> bool:
        """Tell whether it is the ticket and has not been used; it is used from now on."""
        good = _equal(given, self.secret) and not self.used
        self.used = self.used or good
        return good


@dataclass(frozen=True)
class Access:
    """Names the server goes by, and its token.

    Attributes:
        port: Where it listens.
        hosts: Values of the Host header that are ours, port included, in lower case.
        token: What a request must know; None where only this machine gets in.
        ticket: Swapped once for the cookie.
    """

    port: int
    hosts: frozenset[str]
    token: str | None = None
    ticket: Ticket = field(default_factory=Ticket)

    @classmethod
    def of(cls, listen: str, port: int, token: str | None) -> Access:
        """Make the access of a server that listens on a host and port."""
        names = {_bracketed(listen)}
        if is_loopback(listen):
            names |= {"127.0.0.1", "localhost", "[::1]"}
        hosts = {f"{name}:{port}" for name in names} | (names if port == 80 else set())
        return cls(port, frozenset(name.lower() for name in hosts), token)

    def behind(self, port: int) -> Access:
        """Return the access of the same server behind another port of this machine as well.

        Args:
            port: Where something of ours hands requests on, with the Host header as it came.
        """
        names = {host.rpartition(":")[0] for host in self.hosts if host.endswith(f":{self.port}")}
        return replace(self, hosts=self.hosts | {f"{name}:{port}" for name in names})

    def goes_by(self, host: str, own: str) -> bool:
        """Tell whether a Host header is a name of this server.

        Args:
            host: The header as sent.
            own: `address:port` that the connection came in on. A literal address cannot be rebound.
        """
        return host in self.hosts or (host == own and self.token is not None)

    @property
    def cookie_name(self) -> str:
        """Cookies are shared by the ports of a host, so the name tells them apart."""
        return f"latentgraph-{self.port}"

    @property
    def cookie(self) -> str:
        """What a browser shows instead of the token; it changes with the token only."""
        key = (self.token or "").encode()
        return hmac.new(key, b"latentgraph browser session", hashlib.sha256).hexdigest()

    def admits(self, bearer: str | None, cookie: str | None) -> bool:
        """Tell whether a credential opens; compares in constant time."""
        if self.token is None:
            return True
        known = ((bearer, self.token), (cookie, self.cookie))
        return any(_equal(given, expected) for given, expected in known if given is not None)


def is_loopback(host: str) -> bool:
    """Tell whether a host name can only be reached from this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def own_name(sockname: tuple[str, int]) -> str:
    """Write the local end of a connection as a Host header would."""
    return f"{_bracketed(sockname[0])}:{sockname[1]}"


def read_token(file: Path) -> str:
    """Read the owner's token; a file that is not there is made, with a new one.

    Raises:
        AccessError: When there is none of 128 bits or more, or others can read it.
    """
    try:
        if not file.exists():
            _write_token(file)
        text = file.read_text(encoding="ascii").strip()
        mode = file.stat().st_mode
    except (OSError, ValueError) as error:
        message = f"--token-file {file} cannot be read ({reason(error)}); name another file."
        raise AccessError(message) from None
    if not _TOKEN.fullmatch(text):
        raise AccessError(
            f"--token-file {file} must hold 22 to 512 characters of A-Z a-z 0-9 _ - + / = . ~,"
            " 128 random bits or more; name a file that does not exist to have one made."
        )
    if os.name == "posix" and mode & 0o077:
        raise AccessError(f"--token-file {file} can be read by others; chmod 600 it first.")
    return text


def _write_token(file: Path) -> None:
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(secrets.token_urlsafe(32) + "\n")


def _equal(given: str, expected: str) -> bool:
    """Compare in a time that does not tell how much of it is right."""
    return hmac.compare_digest(given.encode(errors="backslashreplace"), expected.encode())


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
