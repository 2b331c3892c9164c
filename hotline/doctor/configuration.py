"""Are the settings whole, and can the service read the secrets and certificates they name?"""

from __future__ import annotations

import ipaddress
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from hotline.doctor.machine import READ, User, apart, at_hand, may, owner
from hotline.doctor.site import AS_ROOT, Finding, Site, is_root, none, ok, warning, wrong
from hotline.settings import ServiceTable, SettingsWrong
from hotline.settings_used import CREDENTIALS, FOLDER, KEPT, rules
from hotline.settings_words import why

PROXY_CERTIFICATE: Final = Path("/etc/hotline/tls/fullchain.pem")
"""Where `deploy/nginx.conf` has it."""
RENEW_DAYS: Final = 30
_PREFIXES: Final = ("file:", "env:")


async def settings(site: Site) -> list[Finding]:
    """The file as a whole; a line for each key that is wrong."""
    complaints = site.complaints
    if site.settings is not None:
        try:
            rules(site.settings)
        except SettingsWrong as error:
            complaints = (str(error),)
    if complaints:
        advice = "改正后再执行一次 hotline doctor；写法见 deploy/hotline.example.toml"
        return [wrong("settings", "配置文件", each, advice) for each in complaints]
    return [ok("settings", "配置文件", f"{site.source}，{len(site.halls)} 个大厅，{len(site.adapters)} 条线路")]


async def secrets(site: Site) -> list[Finding]:
    """Every secret that the settings refer to; values are never looked at, only whether there is one."""
    named = dict(site.references)
    if site.database_url_file is not None and site.database_url is None:
        named["database_url_file"] = f"file:{site.database_url_file}"
    for name, table in site.adapters.items():
        named |= dict(_references(table, f"adapters.{name}"))
    if not named:
        return [none("secrets", "口令", f"{site.source} 中没有引用口令")]
    user = await site.user()
    return [await apart(_secret, key, reference, user) for key, reference in named.items()]


async def tls(site: Site) -> list[Finding]:
    """Who ends TLS, and until when its certificate is good."""
    service = site.known
    if service.tls_certificate is not None:
        return [await apart(_own_certificate, service.tls_certificate, service.tls_key, await site.user())]
    private = _is_private(service)
    if service.behind_tls_proxy and not private:
        advice = f'{site.source} [service] 改为 host = "127.0.0.1"，只让本机代理连接'
        found = f"由代理提供 HTTPS，但 {service.host}:{service.port} 也能从网络上以明文访问"
        return [warning("tls", "HTTPS", found, advice), *await apart(_proxy_certificate)]
    if service.behind_tls_proxy:
        return await apart(_proxy_certificate) or [ok("tls", "HTTPS", "由本机代理提供，证书在代理处")]
    if private:
        told = "照 deploy/INSTALL.md 第 7 步装 nginx，并设 behind_tls_proxy = true"
        return [none("tls", "HTTPS", "没有设置：只有在本机上能登录", told)]
    advice = f"{site.source} [service] 填 tls_certificate 和 tls_key；或按 deploy/INSTALL.md 第 7 步用 nginx"
    return [wrong("tls", "HTTPS", f"监听 {service.host}，但没有设置 HTTPS：别的电脑不能登录", advice)]


def _references(value: object, key: str) -> Iterator[tuple[str, str]]:
    match value:
        case str() if value.startswith(_PREFIXES):
            yield key, value
        case dict():
            for name, each in _items(value):
                yield from _references(each, f"{key}.{name}")
        case list():
            for number, each in enumerate(value, 1):
                yield from _references(each, f"{key}.{number}" if len(value) > 1 else key)
        case _:
            pass


def _items(table: dict[Any, Any]) -> list[tuple[str, Any]]:
    return [(str(name), each) for name, each in table.items()]


def _secret(key: str, reference: str, user: User) -> Finding:
    check, what = f"secret.{key}", f"口令 {key}"
    kind, _, rest = reference.partition(":")
    if kind == "env":
        if os.environ.get(rest):
            return ok(check, what, f"环境变量 {rest} 已设置")
        advice = f"在命令前加 {rest}=…；服务要用的口令请改用文件（deploy/INSTALL.md 第 2 步）"
        return wrong(check, what, f"环境变量 {rest} 没有设置", advice)
    # The installer's own commands read the database's address where systemd takes it from.
    by_hand = key == "database_url_file" and "HOTLINE_DATABASE_URL_FILE" in os.environ and rest.startswith(KEPT)
    lent = rest.startswith(CREDENTIALS) or by_hand
    path = Path(rest)
    try:
        path = at_hand(path)
        seen = path.stat()
        if stat.S_ISDIR(seen.st_mode):
            raise IsADirectoryError
        empty = not seen.st_size
        if may(path, user, READ) and os.access(path, os.R_OK):
            empty = not path.read_bytes().strip()
    except OSError as error:
        if lent and isinstance(error, PermissionError) and not is_root():
            return none(check, what, f"{rest}：本用户看不到", AS_ROOT)
        advice = f"由谁写出见 deploy/INSTALL.md 第 2 步；手工写入：sudo install -m 0600 /dev/stdin {path}"
        return wrong(check, what, f"{path} {why(error)}", advice)
    if empty:
        return wrong(check, what, f"{path} 是空的", f"把口令写入 {path}")
    if seen.st_mode & 0o007:
        return wrong(check, what, f"{path} 能被所有用户读取（{_mode(seen)}）", f"sudo chmod 600 {path}")
    if not lent and not may(path, user, READ):
        advice = f"sudo chown {user.name} {path}"
        if rest.startswith(KEPT):
            advice = f"引用改为 file:{CREDENTIALS}hotline.service/{FOLDER}{path.name}：由 systemd 交给服务"
        return wrong(check, what, f"{path} 服务的用户 {user.name} 读不到（属于 {owner(seen.st_uid)}）", advice)
    return ok(check, what, f"{path}（{_mode(seen)}）")


def _mode(seen: os.stat_result) -> str:
    return f"{stat.S_IMODE(seen.st_mode):04o}"


def _is_private(service: ServiceTable) -> bool:
    try:
        return ipaddress.ip_address(service.host).is_loopback
    except ValueError:
        return service.host == "localhost"


def _proxy_certificate() -> list[Finding]:
    try:
        found = x509.load_pem_x509_certificates(PROXY_CERTIFICATE.read_bytes())[0]
    except (OSError, ValueError, IndexError):
        return []
    return [_expiry(PROXY_CERTIFICATE, found, "sudo systemctl reload nginx")]


def _own_certificate(certificate: Path, key: Path | None, user: User) -> Finding:
    for path in (certificate, key or certificate):
        if path.is_file() and not may(path, user, READ):
            return wrong("tls", "HTTPS", f"{path} 服务的用户 {user.name} 读不到", f"sudo chown {user.name} {path}")
    try:
        found = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
        private = load_pem_private_key((key or certificate).read_bytes(), None)
        seen = (key or certificate).stat()
    except (OSError, ValueError, TypeError, IndexError) as error:
        reason = why(error) if isinstance(error, OSError) else "不是 PEM 格式的证书或私钥（私钥不能设口令）"
        return wrong(
            "tls", "HTTPS", f"{certificate}、{key or certificate}：{reason}", "核对 tls_certificate 和 tls_key"
        )
    forms = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if private.public_key().public_bytes(*forms) != found.public_key().public_bytes(*forms):
        return wrong("tls", "HTTPS", f"证书 {certificate} 与私钥 {key} 不是一对", "换成同一次签发的证书和私钥")
    if seen.st_mode & 0o007:
        return wrong("tls", "HTTPS", f"私钥 {key} 能被所有用户读取（{_mode(seen)}）", f"sudo chmod 600 {key}")
    return _expiry(certificate, found, "sudo systemctl restart hotline")


def _expiry(path: Path, certificate: x509.Certificate, reload: str) -> Finding:
    until, now = certificate.not_valid_after_utc, datetime.now(UTC)
    days = (until - now).days
    advice = f"换上新证书后执行 {reload}"
    if until <= now:
        return wrong("tls", "HTTPS", f"证书 {path} 已于 {until:%Y-%m-%d} 过期", advice)
    if certificate.not_valid_before_utc > now:
        found = f"证书 {path} 从 {certificate.not_valid_before_utc:%Y-%m-%d} 起才有效"
        return wrong("tls", "HTTPS", found, "核对本机日期；日期无误则请重新签发证书")
    if days < RENEW_DAYS:
        return warning("tls", "HTTPS", f"证书 {path} 再过 {days} 天过期（{until:%Y-%m-%d}）", advice)
    return ok("tls", "HTTPS", f"证书 {path} 有效至 {until:%Y-%m-%d}")
