"""Calls to other hosts: only where the list leads, only to public addresses, never further."""

from __future__ import annotations

import http.server
import ipaddress
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from app.base import outbound
from app.base.errors import InvalidInput, Unavailable
from app.base.outbound import Limits, NotAllowed, fetch, origins

FORMS_OF_LOOPBACK = [
    "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://127.1:{port}/",
    "http://0x7f000001:{port}/", "http://2130706433:{port}/", "http://0177.0.0.1:{port}/",
    "http://0:{port}/", "http://0.0.0.0:{port}/", "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/", "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://127.0.0.1.:{port}/", "http://LOCALHOST:{port}/", "http://127.127.127.127:{port}/",
]  # fmt: skip
NEVER = [
    "file:///etc/passwd", "gopher://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "http://api.example.com@127.0.0.1:{port}/", "http://127.0.0.1:{port}\\@api.example.com/",
    "http://①②⑦.0.0.1:{port}/", "http://127.0.0.1:{port}/\r\nX-Evil: 1", "http:///", "https://", "",
    "http://api.example.com:{port}:80/", "http://[::1", "jar:http://127.0.0.1:{port}/!/",
]  # fmt: skip


@dataclass
class Listener:
    """A server on this machine that counts who comes."""

    port: int = 0
    hits: list[str] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """The listener, on IPv4 and, where the machine has it, IPv6 loopback."""
    here = Listener()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.hits.append(f"{self.headers['Host']} {self.path}")
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "file:///etc/passwd")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if self.path == "/drip":
                self.send_response(200)
                self.end_headers()
                gone.wait(5)
                return
            body = b"x" * (300_000 if self.path == "/large" else 5)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body) + (9 if self.path == "/torn" else 0)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    gone = threading.Event()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield here
    gone.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("form", [*FORMS_OF_LOOPBACK, *NEVER])
def test_nothing_is_called_that_is_not_on_the_list(listener: Listener, form: str) -> None:
    allowed = origins(["https://api.example.com", "http://api.example.com"])
    with pytest.raises(NotAllowed, match="E-NET-01"):
        fetch(form.format(port=listener.port), allowed=allowed)
    assert listener.hits == []


@pytest.mark.parametrize(
    "form", [form for form in FORMS_OF_LOOPBACK if "[" not in form and "0.0.0" not in form]
)
def test_a_listed_name_that_leads_to_a_private_address_is_refused(
    listener: Listener, form: str
) -> None:
    url = form.format(port=listener.port)
    with pytest.raises((NotAllowed, Unavailable), match=r"E-NET-0[12]"):
        fetch(url, allowed=_unpinned(url))
    assert listener.hits == []


def test_a_name_that_resolves_to_a_private_address_is_refused(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _answers("93.184.216.34", "127.0.0.1"))
    allowed = origins([f"http://api.example.com:{listener.port}"])
    with pytest.raises(NotAllowed, match=r"127\.0\.0\.1, which is not a public address"):
        fetch(f"http://api.example.com:{listener.port}/", allowed=allowed)
    assert listener.hits == []


def test_an_address_that_the_list_names_may_be_private(listener: Listener) -> None:
    place = f"http://127.0.0.1:{listener.port}"
    answer = fetch(f"{place}/hello", allowed=origins([place]))
    assert (answer.status, answer.body) == (200, b"xxxxx")


def test_a_name_can_be_bound_to_its_address_and_is_told_to_the_other_side(
    listener: Listener,
) -> None:
    allowed = origins([f"http://erp.example:{listener.port}=127.0.0.1"])
    fetch(f"http://erp.example:{listener.port}/a?b=c", allowed=allowed)
    assert listener.hits == [f"erp.example:{listener.port} /a?b=c"]


def test_a_redirect_is_not_followed(listener: Listener) -> None:
    place = f"http://127.0.0.1:{listener.port}"
    answer = fetch(f"{place}/moved", allowed=origins([place]))
    assert (answer.status, answer.headers["location"]) == (302, "file:///etc/passwd")
    assert len(listener.hits) == 1


def test_the_environments_proxy_is_not_asked(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{listener.port}")
    monkeypatch.setattr(socket, "getaddrinfo", _answers("127.0.0.1"))
    with pytest.raises(NotAllowed):
        fetch("http://api.example.com/", allowed=origins(["http://api.example.com"]))
    assert listener.hits == []


def test_an_endless_answer_is_cut(listener: Listener) -> None:
    place = f"http://127.0.0.1:{listener.port}"
    with pytest.raises(Unavailable, match=r"E-NET-03.*more than 100 KB"):
        fetch(f"{place}/large", allowed=origins([place]), limits=Limits(size=102_400))


@pytest.mark.parametrize("path", ["/drip", "/torn"])
def test_an_answer_that_does_not_end_is_no_answer(listener: Listener, path: str) -> None:
    place = f"http://127.0.0.1:{listener.port}"
    with pytest.raises(Unavailable, match="E-NET-02"):
        fetch(place + path, allowed=origins([place]), limits=Limits(seconds=0.3))


def test_a_method_that_is_none_is_refused(listener: Listener) -> None:
    with pytest.raises(InvalidInput, match="E-NET-04"):
        fetch("https://api.example.com/", allowed=(), method="GET / HTTP/1.1\r\nX: y")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0",  # noqa: S104 — an address to refuse
        "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1",
        "ff02::1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "2001:db8::1",
    ],
)  # fmt: skip
def test_no_special_network_is_public(address: str) -> None:
    assert not outbound.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700:4700::1111"])
def test_an_ordinary_address_is_public(address: str) -> None:
    assert outbound.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "entry",
    ["api.example.com", "ftp://x", "https://", "https://x/path", "https://x=y", "https://x:99999"],
)
def test_a_list_that_can_not_be_read_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=r"x|api|https"):
        origins([entry])


def _unpinned(url: str) -> tuple[outbound.Origin, ...]:
    """Allow exactly this place without having named its address."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return (outbound.Origin(parts.scheme, parts.hostname, parts.port),)


def _answers(*addresses: str) -> object:
    def look_up(_host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    return look_up
