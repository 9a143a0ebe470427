"""Settings: a frozen value, read once from the environment.

In development the secret key and the embedded database are made under
`instance/`; production (`MAINSTAY_ENV=production`) refuses to start without an
explicit `MAINSTAY_SECRET_KEY` and `DATABASE_URL`.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.calc.windows import Fiscal, fiscal_calendar

ROOT = Path(__file__).resolve().parent
SHORTEST_KEY = 32
MEGABYTE = 1024 * 1024
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
DEFAULT_PORTS = {"starttls": 587, "tls": 465, "none": 25}
SSO_NAMES = ("MAINSTAY_SSO_CLIENT_ID", "MAINSTAY_SSO_CLIENT_SECRET")


DAYS_OF_A_YEAR = 365
LOG_FORMS = ("json", "text", "off")


class SettingsError(Exception):
    """A setting is missing or out of range; the message names the variable and the remedy."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Where mail is handed over, and as whom.

    tls: `starttls`, `tls` (from the first byte) or `none` (a relay on this machine).
    """

    host: str
    port: int
    tls: str
    sender: str
    user: str | None
    password: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class SsoSettings:
    """The one identity provider. label: what stands on the button."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    label: str


@dataclass(frozen=True, slots=True)
class Periods:
    """How long things are kept [days] before housekeeping removes them."""

    staged_files: int
    removed_files: int
    job_runs: int
    security_log: int
    full_addresses: int

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Periods:
        """Read the periods from `env`."""
        return cls(
            staged_files=_whole_number(env, "MAINSTAY_KEEP_STAGED_FILES_DAYS", 30),
            removed_files=_whole_number(env, "MAINSTAY_KEEP_REMOVED_FILES_DAYS", 30),
            job_runs=_whole_number(env, "MAINSTAY_KEEP_JOB_RUNS_DAYS", 2 * DAYS_OF_A_YEAR),
            security_log=_whole_number(env, "MAINSTAY_KEEP_SECURITY_LOG_DAYS", DAYS_OF_A_YEAR),
            full_addresses=_whole_number(env, "MAINSTAY_KEEP_FULL_ADDRESSES_DAYS", 90),
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """What the application needs to know about the place it runs in."""

    database_url: str
    secret_key: str
    audit_key: str
    audit_syslog: str
    instance: Path
    base_url: str
    production: bool
    house_name: str
    cluster: str
    zone: ZoneInfo
    # None where the house keeps no fiscal calendar of its own.
    fiscal: Fiscal | None
    metrics_token: str
    trusted_proxies: int
    upload_limit_bytes: int
    paper_size: str
    require_second_factor: bool
    # What buyers read: `all` suppliers, or `own`, those of their categories and sites.
    buyers_see: str
    mail: MailSettings | None
    sso: SsoSettings | None
    log_form: str
    outbound: tuple[str, ...]
    backups: Path
    scanner: Path | None
    file_limit_bytes: int
    files_per_account: int
    files_per_contact: int
    keep: Periods

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from `env` (the process environment when None).

        Raises SettingsError when production lacks its key or database, or a value
        can't be read.
        """
        env = os.environ if env is None else env
        production = env.get("MAINSTAY_ENV", "development") == "production"
        instance = Path(env.get("MAINSTAY_INSTANCE") or ROOT / "instance").resolve()
        if production and "DATABASE_URL" not in env:
            raise SettingsError("DATABASE_URL is not set; production names its database.")
        return cls(
            database_url=database_url(env.get("DATABASE_URL"), instance),
            secret_key=_key(env, "MAINSTAY_SECRET_KEY", instance / "secret_key", production),
            audit_key=_key(env, "MAINSTAY_AUDIT_KEY", instance / "audit_key", production),
            audit_syslog=env.get("MAINSTAY_AUDIT_SYSLOG", "").strip(),
            instance=instance,
            base_url=env.get("MAINSTAY_BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
            production=production,
            house_name=env.get("MAINSTAY_HOUSE_NAME", "").strip(),
            cluster=env.get("MAINSTAY_CLUSTER", "").strip(),
            zone=house_zone(env),
            fiscal=fiscal_year(env),
            metrics_token=_metrics_token(env),
            trusted_proxies=_whole_number(env, "MAINSTAY_TRUSTED_PROXIES", 0),
            upload_limit_bytes=_whole_number(env, "MAINSTAY_UPLOAD_LIMIT_MB", 50) * MEGABYTE,
            paper_size=_paper_size(env),
            log_form=_one_of(env, "MAINSTAY_LOG", "json" if production else "text", LOG_FORMS),
            outbound=tuple(
                filter(None, map(str.strip, env.get("MAINSTAY_OUTBOUND", "").split(",")))
            ),
            backups=Path(env.get("MAINSTAY_BACKUP_DIR") or instance / "backups").resolve(),
            scanner=Path(env["MAINSTAY_CLAMD"]) if env.get("MAINSTAY_CLAMD") else None,
            file_limit_bytes=_whole_number(env, "MAINSTAY_FILE_LIMIT_MB", 25) * MEGABYTE,
            files_per_account=_whole_number(env, "MAINSTAY_FILES_PER_ACCOUNT", 10_000),
            files_per_contact=_whole_number(env, "MAINSTAY_FILES_PER_CONTACT", 100),
            keep=Periods.from_env(env),
            require_second_factor=_yes_or_no(env, "MAINSTAY_REQUIRE_SECOND_FACTOR", production),
            buyers_see=_buyers_see(env),
            mail=_mail(env),
            sso=_sso(env),
        )

    @property
    def secure_cookies(self) -> bool:
        """Cookies are Secure exactly when people reach the application by https."""
        return self.base_url.startswith("https://")

    @property
    def is_loopback(self) -> bool:
        """Whether people reach the application on this machine only."""
        return urlsplit(self.base_url).hostname in LOOPBACK

    @property
    def anchors(self) -> Path:
        """The folder of the audit log's anchors; copies of it belong elsewhere."""
        return self.instance / "anchors"

    @property
    def files(self) -> Path:
        """The folder of stored files: packs and attachments."""
        return self.instance / "files"


def database_url(given: str | None, instance: Path) -> str:
    """Return the SQLAlchemy URL: the embedded database when none is given.

    A plain `postgresql://` or `postgres://` is completed with the driver in use. Raises
    SettingsError for any other engine, without repeating what may hold a password.
    """
    if not given:
        return f"sqlite:///{instance / 'mainstay.sqlite3'}"
    for prefix in ("postgresql://", "postgres://"):
        if given.startswith(prefix):
            return "postgresql+psycopg://" + given.removeprefix(prefix)
    if not given.startswith(("postgresql+psycopg://", "sqlite://")):
        raise SettingsError("DATABASE_URL must begin with postgresql:// or sqlite:///.")
    return given


def fiscal_year(env: Mapping[str, str] | None = None) -> Fiscal | None:
    """Return the house's fiscal calendar, None where it keeps none.

    Raises SettingsError where `MAINSTAY_FISCAL_YEAR` describes none.
    """
    env = os.environ if env is None else env
    try:
        return fiscal_calendar(env.get("MAINSTAY_FISCAL_YEAR", ""))
    except ValueError as error:
        raise SettingsError(f"MAINSTAY_FISCAL_YEAR: {error}.") from error


def house_zone(env: Mapping[str, str] | None = None) -> ZoneInfo:
    """Return the time zone whose days the house keeps; UTC where none is set."""
    env = os.environ if env is None else env
    given = env.get("MAINSTAY_TIME_ZONE", "UTC")
    try:
        return ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(
            f"MAINSTAY_TIME_ZONE is {given!r}; use a name such as Europe/Berlin or UTC."
        ) from error


def _key(env: Mapping[str, str], name: str, kept: Path, production: bool) -> str:
    given = env.get(name, "")
    if given:
        if len(given) < SHORTEST_KEY:
            raise SettingsError(f"{name} has {len(given)} characters; use {SHORTEST_KEY} or more.")
        return given
    if production:
        raise SettingsError(
            f"{name} is not set; make one with "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'."
        )
    return _kept_key(kept)


def _kept_key(path: Path) -> str:
    """Return the key kept in `path`, made once, readable by the owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key


def _whole_number(env: Mapping[str, str], name: str, default: int) -> int:
    given = env.get(name, str(default))
    if not given.isascii() or not given.isdigit():
        raise SettingsError(f"{name} is {given!r}; give a whole number, 0 or more.")
    return int(given)


def _one_of(env: Mapping[str, str], name: str, default: str, known: tuple[str, ...]) -> str:
    given = env.get(name, default)
    if given not in known:
        raise SettingsError(f"{name} is {given!r}; use {', '.join(known)}.")
    return given


def _metrics_token(env: Mapping[str, str]) -> str:
    given = env.get("MAINSTAY_METRICS_TOKEN", "")
    if given and len(given) < SHORTEST_KEY:
        raise SettingsError(
            f"MAINSTAY_METRICS_TOKEN has {len(given)} characters; use {SHORTEST_KEY} or more."
        )
    return given


def _paper_size(env: Mapping[str, str]) -> str:
    given = env.get("MAINSTAY_PAPER_SIZE", "A4")
    if given not in {"A4", "Letter"}:
        raise SettingsError(f"MAINSTAY_PAPER_SIZE is {given!r}; use A4 or Letter.")
    return given


def _buyers_see(env: Mapping[str, str]) -> str:
    given = env.get("MAINSTAY_BUYERS_SEE", "all").strip().lower()
    if given not in {"all", "own"}:
        raise SettingsError(f"MAINSTAY_BUYERS_SEE is {given!r}; use all or own.")
    return given


def _yes_or_no(env: Mapping[str, str], name: str, default: bool) -> bool:
    given = env.get(name, "yes" if default else "no").strip().lower()
    if given not in {"yes", "no"}:
        raise SettingsError(f"{name} is {given!r}; use yes or no.")
    return given == "yes"


def _mail(env: Mapping[str, str]) -> MailSettings | None:
    host = env.get("MAINSTAY_SMTP_HOST", "").strip()
    if not host:
        return None
    sender = env.get("MAINSTAY_MAIL_FROM", "").strip()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", sender):
        raise SettingsError(
            f"MAINSTAY_MAIL_FROM is {sender!r}; give the address that mail comes from."
        )
    tls = env.get("MAINSTAY_SMTP_TLS", "starttls").strip().lower()
    if tls not in DEFAULT_PORTS:
        raise SettingsError(f"MAINSTAY_SMTP_TLS is {tls!r}; use starttls, tls or none.")
    return MailSettings(
        host=host,
        port=_whole_number(env, "MAINSTAY_SMTP_PORT", DEFAULT_PORTS[tls]),
        tls=tls,
        sender=sender,
        user=env.get("MAINSTAY_SMTP_USER") or None,
        password=env.get("MAINSTAY_SMTP_PASSWORD") or None,
    )


def _sso(env: Mapping[str, str]) -> SsoSettings | None:
    issuer = env.get("MAINSTAY_SSO_ISSUER", "").strip()
    if not issuer:
        return None
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise SettingsError(f"MAINSTAY_SSO_ISSUER is {issuer!r}; give an https:// address.")
    missing = [name for name in SSO_NAMES if not env.get(name)]
    if missing:
        raise SettingsError(f"{missing[0]} is not set; MAINSTAY_SSO_ISSUER needs it.")
    return SsoSettings(
        issuer=issuer,
        client_id=env["MAINSTAY_SSO_CLIENT_ID"],
        client_secret=env["MAINSTAY_SSO_CLIENT_SECRET"],
        label=env.get("MAINSTAY_SSO_LABEL", "Sign in with your company account"),
    )
