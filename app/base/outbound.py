"""The one function for calls to other hosts by HTTP: nothing leaves that is not named.

Allowed are the origins of a list, compared whole: scheme, host, port. The host is looked
up once, every address it has must be a public one (an address that the list itself names
may be any), and the connection goes to exactly the address that was checked. Redirects
are not followed, proxies of the environment not used, time and size are limited.
"""

from __future__ import annotations

import http.client
import ipaddress
import logging
import socket
import ssl
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from app.base.errors import AppError, InvalidInput, Unavailable
from app.base.logging import event

log = logging.getLogger(__name__)

PORTS = {"https": 443, "http": 80}
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
KILOBYTE = 1024
BLOCK = 64 * KILOBYTE

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAllowed(AppError):
    """The call would lead where nothing may lead."""

    kind = "forbidden"


@dataclass(frozen=True, slots=True)
class Origin:
    """A place that may be called; `pinned` is the address to use instead of looking it up."""

    scheme: str
    host: str
    port: int
    pinned: Address | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may take in all [s], and how much it may answer [bytes]."""

    seconds: float = 10.0
    size: int = 1024 * KILOBYTE


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other host said. A redirect is an answer like any other."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def origins(listed: Iterable[str]) -> tuple[Origin, ...]:
    """Return the allowed origins of a list of `https://host[:port][=address]`.

    Raises ValueError naming the entry that can't be read.
    """
    return tuple(_origin_listed(entry.strip()) for entry in listed if entry.strip())


def fetch(
    url: str,
    *,
    allowed: Iterable[Origin],
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    limits: Limits = Limits(),
) -> Answer:
    """Call `url` and return the answer.

    Raises NotAllowed (E-NET-01) before anything is sent where the place is not allowed, and
    Unavailable where the other side does not answer, in time (E-NET-02) or within the
    size (E-NET-03).
    """
    if method not in METHODS:
        raise InvalidInput("E-NET-04", f"{method[:20]!r} is no method for a call.")
    parts, origin = _checked(url, tuple(allowed))
    address = origin.pinned or _public_address(origin)
    event(log, "outbound.call", method=method, host=origin.host, address=str(address))
    return _called(parts, origin, address, method, headers or {}, body, limits)


def allowed_place(url: str, allowed: Iterable[Origin]) -> Origin:
    """Return the place that a URL leads to; raises NotAllowed where nothing may call it.

    Looks nothing up and calls nobody.
    """
    return _checked(url, tuple(allowed))[1]


def _origin_listed(entry: str) -> Origin:
    written, _, pin = entry.partition("=")
    parts = urlsplit(written)
    try:
        pinned = ipaddress.ip_address(pin) if pin else None
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{entry!r}: {error}") from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError(f"{entry!r} is not of the form https://host, https://host:port")
    return Origin(
        parts.scheme,
        parts.hostname,
        PORTS[parts.scheme] if port is None else port,
        pinned or _as_address(parts.hostname),
    )


def _checked(url: str, allowed: tuple[Origin, ...]) -> tuple[SplitResult, Origin]:
    """Return the address's parts and the allowed origin they belong to."""
    if any(ord(sign) <= 0x20 or ord(sign) >= 0x7F or sign == "\\" for sign in url):
        raise _refused("holds a character that no address has")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused("can't be read as an address") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise _refused("is not an http or https address")
    if "@" in parts.netloc:
        raise _refused("carries a user name")
    wanted = (parts.scheme, parts.hostname, PORTS[parts.scheme] if port is None else port)
    for origin in allowed:
        if (origin.scheme, origin.host, origin.port) == wanted:
            return parts, origin
    raise _refused("is not on the list of MAINSTAY_OUTBOUND")


def _public_address(origin: Origin) -> Address:
    """Return the first address of a host, all of which must be public."""
    try:
        found = socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unavailable("E-NET-02", f"{origin.host} was not found. Try again later.") from error
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    for address in addresses:
        if not is_public(address):
            raise _refused(f"leads to {address}, which is not a public address")
    return addresses[0]


def is_public(address: Address) -> bool:
    """Tell whether an address lies outside of every private, local and special network."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None or address in ipaddress.ip_network("64:ff9b::/96"):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _as_address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _refused(why: str) -> NotAllowed:
    event(log, "outbound.refused", level=logging.WARNING, why=why)
    return NotAllowed("E-NET-01", f"This call may not leave: the address {why}.")


def _called(
    parts: SplitResult,
    origin: Origin,
    address: Address,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
    limits: Limits,
) -> Answer:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection = _connected(origin, address, limits)
        # One limit for the whole, however slowly single bytes come.
        is_over = threading.Event()
        guard = threading.Timer(limits.seconds, _cut, [connection.sock, is_over])
        guard.daemon = True
        guard.start()
        try:
            connection.request(method, target, body=body, headers=_plain(headers))
            response = connection.getresponse()
            content = _body(response, limits, origin)
            if is_over.is_set():
                raise TimeoutError("cut at the limit")
            said = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, content, said)
        finally:
            guard.cancel()
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable(
            "E-NET-02",
            f"{origin.host} gave no whole answer within {limits.seconds:g} s. Try again later.",
        ) from error


def _connected(origin: Origin, address: Address, limits: Limits) -> http.client.HTTPConnection:
    """Return a connection to the checked address that speaks as if to the host."""
    connection = http.client.HTTPConnection(origin.host, origin.port, timeout=limits.seconds)
    plain = socket.create_connection((str(address), origin.port), timeout=limits.seconds)
    if origin.scheme == "https":
        try:
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(plain, server_hostname=origin.host)
        except OSError:
            plain.close()
            raise
        # The name without its port, as for every address of this scheme.
        connection.default_port = PORTS["https"]
    else:
        connection.sock = plain
    return connection


def _cut(sock: socket.socket, is_over: threading.Event) -> None:
    is_over.set()
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _body(response: http.client.HTTPResponse, limits: Limits, origin: Origin) -> bytes:
    blocks, size = [], 0
    while block := response.read(BLOCK):
        size += len(block)
        if size > limits.size:
            raise Unavailable(
                "E-NET-03",
                f"{origin.host} answered more than {limits.size // KILOBYTE:,} KB."
                " Nothing was kept.",
            )
        blocks.append(block)
    # A connection cut in the middle of an announced body looks like its end.
    if response.length:
        raise http.client.IncompleteRead(b"".join(blocks), response.length)
    return b"".join(blocks)


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers; http.client itself refuses line breaks in them."""
    return {"User-Agent": "mainstay", "Accept-Encoding": "identity", **headers}
