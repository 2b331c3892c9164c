"""What the settings lead to: the hall's rules and its lines, built before anything is started.

Whoever starts the service with a mistake in the file hears of it at once, and not after the database came up.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from adapters import bridge_registry, registry, sms_registry
from adapters.bridge import Bridge
from adapters.errors import Misconfigured
from adapters.sms_gateway import SmsGateway
from adapters.telephony import AdapterName, TelephonyAdapter
from hotline.carried import Carried, obeys, refuse_to_carry
from hotline.hall.from_settings import rules_of
from hotline.hall.rules import HallRules
from hotline.obeyed import Obeyed
from hotline.settings import LINE_KEYS, Settings, SettingsWrong, config_file
from hotline.settings_words import why

CREDENTIALS: Final = "/run/credentials/"
FOLDER: Final = "secrets_"
"""What systemd puts before the name of each file of the folder (`LoadCredential=secrets:…`)."""
BRIDGE_KEYS: Final = frozenset({"hall", "label"})
"""Keys of `[bridges.NAME]` that every bridge has and is not told."""
SECRET_CHARS: Final = 32
KEPT: Final = "/etc/hotline/secrets/"


def rules(settings: Settings, lines: Mapping[AdapterName, TelephonyAdapter] | None = None) -> dict[str, HallRules]:
    """Each hall's rules, with what its lines can do. Raises `SettingsWrong`."""
    made: dict[str, HallRules] = {}
    for name, table in settings.halls.items():
        ours = {each: line for each, line in (lines or {}).items() if settings.hall_of(each) == name}
        try:
            made[name] = rules_of(name, table, ours)
        except SettingsWrong as error:
            raise SettingsWrong(f"{config_file()} [halls.{name}] strategy：{error}") from error
    return made


def lines(settings: Settings) -> Mapping[AdapterName, TelephonyAdapter]:
    """Each adapter; nothing is connected yet. Raises `SettingsWrong`, one line for each key that is wrong."""
    site = registry.Site(state_dir=settings.service.state_dir, secret=secret)
    made: dict[AdapterName, TelephonyAdapter] = {}
    wrong: list[str] = []
    for name, table in settings.adapters.items():
        try:
            adapter = registry.build(name, {k: v for k, v in table.items() if k not in LINE_KEYS}, site)
            if settings.edge_of(name) is not None:
                refuse_to_carry(adapter)
            made[AdapterName(name)] = adapter
        except Misconfigured as error:
            wrong += [f"{config_file()} {line}" for line in str(error).splitlines()]
    if wrong:
        raise SettingsWrong("\n✗ ".join(wrong))
    return made


def bridges(settings: Settings) -> dict[str, Bridge]:
    """Each bridge; nothing is connected yet. Raises `SettingsWrong`, one line for each key that is wrong."""
    made: dict[str, Bridge] = {}
    wrong: list[str] = []
    for name in settings.bridges:
        try:
            made[name] = bridge(settings, name)
        except SettingsWrong as error:
            wrong.append(str(error))
    if wrong:
        raise SettingsWrong("\n✗ ".join(wrong))
    return made


def bridge(settings: Settings, name: str) -> Bridge:
    """One of them, whatever is wrong with the others. Raises `SettingsWrong`."""
    site = registry.Site(state_dir=settings.service.state_dir, secret=secret)
    table = {key: value for key, value in settings.bridges[name].items() if key not in BRIDGE_KEYS}
    try:
        return bridge_registry.build(name, table, site)
    except Misconfigured as error:
        raise SettingsWrong("\n✗ ".join(f"{config_file()} {line}" for line in str(error).splitlines())) from error


def gateways(settings: Settings) -> dict[str, SmsGateway]:
    """Each gateway for text messages, by its hall; nothing is connected yet. Raises `SettingsWrong`, one line for each
    key that is wrong."""
    site = registry.Site(state_dir=settings.service.state_dir, secret=secret)
    made: dict[str, SmsGateway] = {}
    wrong: list[str] = []
    for name, table in settings.sms.items():
        try:
            gateway = sms_registry.build(name, {k: v for k, v in table.items() if k != "hall"}, site)
            made[settings.hall_of_gateway(name)] = gateway
        except Misconfigured as error:
            wrong += [f"{config_file()} {line}" for line in str(error).splitlines()]
    if wrong:
        raise SettingsWrong("\n✗ ".join(wrong))
    return made


def carried(settings: Settings, lines: Mapping[AdapterName, TelephonyAdapter]) -> dict[AdapterName, TelephonyAdapter]:
    """The same lines; those whose device is at an edge wait for what it carries, and open nothing here."""
    return {name: line if settings.edge_of(name) is None else _at_edge(line) for name, line in lines.items()}


def _at_edge(line: TelephonyAdapter) -> TelephonyAdapter:
    return Obeyed(line) if obeys(line) else Carried(line)


def edge_secrets(settings: Settings) -> dict[str, str]:
    """What each edge proves that it knows. Raises `SettingsWrong`."""
    found: dict[str, str] = {}
    for name, table in settings.edges.items():
        try:
            found[name] = shared_secret(table.secret)
        except Misconfigured as error:
            raise SettingsWrong(f"{config_file()} [edges.{name}] secret：{error}") from error
    return found


def shared_secret(reference: str) -> str:
    """The secret that an edge and the core share. Raises `Misconfigured`."""
    found = secret(reference)
    if len(found) < SECRET_CHARS:
        raise Misconfigured(f"密钥至少 {SECRET_CHARS} 个字符：用 openssl rand -hex 32 生成")
    return found


def secret(reference: str) -> str:
    """A secret by reference: `file:/run/secrets/x` or `env:NAME`. Raises `Misconfigured`, never showing a value."""
    kind, _, rest = reference.partition(":")
    match kind:
        case "env":
            if rest not in os.environ:
                raise Misconfigured(f"环境变量 {rest} 没有设置")
            return os.environ[rest]
        case "file":
            return _read(Path(rest))
        case _:
            raise Misconfigured("口令不能直接写在配置文件里，应写成 file:路径 或 env:环境变量名")


def _read(path: Path) -> str:
    try:
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"口令文件 {path} 无法读取（{why(error)}）{_hint(path)}") from error
    if not found:
        raise Misconfigured(f"口令文件 {path} 是空的")
    return found


def _hint(path: Path) -> str:
    if not str(path).startswith(CREDENTIALS) or not path.name.startswith(FOLDER):
        return ""
    return f"：请把口令放在 {KEPT}{path.name.removeprefix(FOLDER)}，再用 systemctl 启动服务"
