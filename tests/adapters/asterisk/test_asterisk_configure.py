"""Asterisk's settings: complete, the same every time, and with no way out of the house."""

from __future__ import annotations

import re
import stat
import wave
from multiprocessing import get_context
from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.asterisk import prompts
from adapters.asterisk.configure import (
    DutyOptions,
    PhoneOptions,
    Secrets,
    SiteOptions,
    TrunkOptions,
    main,
    render,
    write,
)

OPTIONS = SiteOptions(
    trunks=[
        TrunkOptions(name="carrier", match="203.0.113.7", contact="sip:203.0.113.7:5060"),
        TrunkOptions(name="province", match="198.51.100.9", their_id_header="X-Call-ID"),
    ],
    phones=[
        PhoneOptions(extension="1001", kind="desk"),
        PhoneOptions(extension="1002", kind="desk", contact="sip:1002@10.0.0.7:5060"),
        PhoneOptions(extension="7001", kind="browser"),
    ],
    duty=DutyOptions(name="8000", dial="PJSIP/1001"),
)
KNOWN = Secrets(ari="ari-secret", phones={"1001": "a", "1002": "b", "7001": "c"})
EXAMPLE = Path(__file__).parents[3] / "deploy" / "asterisk" / "site.example.toml"


def test_every_slot_is_filled_and_the_same_each_time() -> None:
    files = render(OPTIONS, KNOWN)
    assert not [name for name, text in files.items() if re.search(r"<<\w+>>", text)]
    assert files == render(OPTIONS, KNOWN)
    assert "ari-secret" in files["ari.conf"]
    assert "chan_dahdi" not in files["modules.conf"]
    assert "load = chan_dahdi.so" in render(OPTIONS.model_copy(update={"dahdi": True}), KNOWN)["modules.conf"]


def test_no_way_out() -> None:
    """One Dial(), to the duty phone; phones only reach Hangup(); nobody unknown is let in; no shell, no manager."""
    files = render(OPTIONS, KNOWN)
    plan = [line for line in files["extensions.conf"].splitlines() if not line.lstrip().startswith(";")]
    assert [line for line in plan if "Dial(" in line] == [
        " same => n,Dial(PJSIP/1001,25,U(hotline-duty^${EXTEN}^8000^${UNIQUEID}.wav))"
    ]
    assert not re.search(r"\b(System|TrySystem|SHELL|Originate|DISA|AGI|Transfer)\(", "\n".join(plan))
    phones = "\n".join(plan).split("[hotline-phones]")[1].splitlines()
    assert all("Hangup(21)" in line or "NoOp()" in line for line in phones if "exten =>" in line)
    assert "anonymous" not in files["modules.conf"]
    assert "app_system" not in files["modules.conf"]
    assert "enabled = no" in files["manager.conf"]
    assert files["pjsip.conf"].count("allow_transfer = no") == 5
    assert "taskprocessor_overload_trigger = pjsip_only" in files["pjsip.conf"], "new callers are dropped when busy"
    without = render(OPTIONS.model_copy(update={"duty": None}), KNOWN)["extensions.conf"]
    assert "Dial(" not in "".join(line for line in without.splitlines() if not line.startswith(";"))


def test_the_way_out_is_the_hall_s_alone() -> None:
    """A trunk with an address can be rung over by ARI; the dial plan names none."""
    files = render(OPTIONS, KNOWN)
    carrier, province = re.split(r"\[province\]\ntype = endpoint", files["pjsip.conf"].split("[carrier]", 1)[1])
    assert "aors = carrier" in carrier
    assert "contact = sip:203.0.113.7:5060" in carrier
    assert "qualify" not in files["pjsip.conf"]
    assert "set_var" not in carrier
    assert "aors =" not in province.split("[1001]")[0]
    assert "set_var = HOTLINE_ID_HEADER=X-Call-ID" in province
    assert "carrier" not in files["extensions.conf"]
    assert "PJSIP_HEADER(read,${HOTLINE_ID_HEADER})" in files["extensions.conf"]
    bare = OPTIONS.model_copy(update={"trunks": [TrunkOptions(name="carrier", match="203.0.113.7")]})
    assert "PJSIP_HEADER" not in render(bare, KNOWN)["extensions.conf"]


@pytest.mark.parametrize(
    "change",
    [
        {"phones": [{"extension": "1001\ntype=endpoint", "kind": "desk"}]},
        {"phones": [{"extension": "1001", "kind": "desk", "contact": "sip:x@y\n[evil]"}]},
        {"trunks": [{"name": "t", "match": "1.2.3.4\npassword=x"}]},
        {"trunks": [{"name": "t", "match": "1.2.3.4", "contact": "sip:x\nallow_transfer=yes"}]},
        {"trunks": [{"name": "t", "match": "1.2.3.4", "their_id_header": "X)})}System(reboot"}]},
        {"duty": {"name": "8000", "dial": "PJSIP/8000&PJSIP/carrier/sip:0086"}},
        {"duty": {"name": "8000", "dial": "Local/0086@hotline-in"}},
        {"hotline_number": "12348,n,System(reboot)"},
        {"app": "hotline)\nexten"},
        {"unknown": 1},
    ],
)
def test_options_cannot_smuggle_in_lines(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SiteOptions.model_validate(change)


def test_secrets_are_made_once_and_kept_private(tmp_path: Path) -> None:
    folders = {"etc_dir": tmp_path / "etc", "var_dir": tmp_path / "var", "prompts_dir": tmp_path / "prompts"}
    options = OPTIONS.model_copy(update=folders)
    first = write(options, tmp_path / "secrets")
    more = options.model_copy(update={"phones": [*options.phones, PhoneOptions(extension="7002", kind="browser")]})
    second = write(more, tmp_path / "secrets")
    assert first.ari == second.ari
    assert first.phones.items() < second.phones.items()
    assert len({first.ari, *second.phones.values()}) == 5
    assert all(len(password) >= 24 for password in second.phones.values())
    for name in ("ari", "phones.json"):
        assert stat.S_IMODE((tmp_path / "secrets" / name).stat().st_mode) == 0o600
    assert len((tmp_path / "prompts" / "beep.alaw").read_bytes()) == 2400
    assert stat.S_IMODE((tmp_path / "etc" / "pjsip.conf").stat().st_mode) == 0o640


def test_the_command_and_the_example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        line for line in EXAMPLE.read_text("utf-8").splitlines() if not line.startswith(("var_dir", "prompts_dir"))
    ]
    # Keys before the first table belong to the whole.
    folders = [f'{key}_dir = "{tmp_path / key}"' for key in ("var", "prompts")]
    site = tmp_path / "site.toml"
    site.write_text("\n".join([*folders, *lines]), "utf-8")
    assert main([str(site), "--to", str(tmp_path / "etc"), "--secrets", str(tmp_path / "secrets")]) == 0
    assert (tmp_path / "etc" / "extensions.conf").exists()
    site.write_text("nonsense = 1\n")
    assert main([str(site), "--to", str(tmp_path / "etc"), "--secrets", str(tmp_path / "secrets")]) == 1
    assert "nonsense" in capsys.readouterr().err


def test_announcements(tmp_path: Path) -> None:
    """Synthesised once; the hall's own recording takes the place, and gives it back when it is removed."""
    said = {"sorry": "对不起。", "wait": "请稍候。"}
    target, own = tmp_path / "prompts", tmp_path / "own"
    own.mkdir()
    assert prompts.make(target, own, said) == ["sorry", "wait"]
    assert prompts.make(target, own, said) == []
    spoken = (target / "sorry.alaw").read_bytes()
    assert len(spoken) > 4000
    assert len(set(spoken)) > 50, "it is silent"
    with wave.open(str(own / "sorry.wav"), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(bytes(32000))
    assert prompts.make(target, own, said) == ["sorry"]
    assert (target / "sorry.alaw").read_bytes() != spoken
    (own / "sorry.wav").unlink()
    assert prompts.make(target, own, said) == ["sorry"]
    assert (target / "sorry.alaw").read_bytes() == spoken
    assert set(prompts.texts()) >= {"greeting", "menu", "wait", "no-seat", "closed", "sorry", "fallback"}


def _make_noting(target: Path, made_by: Path) -> None:
    for name in prompts.make(target, said={"sorry": "对不起。", "wait": "请稍候。"}):
        with (made_by).open("a") as notes:
            notes.write(f"{name}\n")
    prompts.make_music(target / "music")


def test_announcements_made_by_several_at_once(tmp_path: Path) -> None:
    """One makes them, the others wait for it and keep what it made; a damaged index makes all anew."""
    target, notes = tmp_path / "prompts", tmp_path / "notes"
    makers = [get_context("fork").Process(target=_make_noting, args=(target, notes)) for _ in range(4)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join(30)
    assert [maker.exitcode for maker in makers] == [0] * 4
    assert sorted(notes.read_text().split()) == ["sorry", "wait"]
    assert sorted(file.name for file in target.iterdir()) == [".lock", ".made.json", "music", "sorry.alaw", "wait.alaw"]
    assert sorted(file.name for file in (target / "music").iterdir()) == [".lock", "waiting.alaw"]
    (target / ".made.json").write_text("")
    assert prompts.make(target, said={"sorry": "对不起。"}) == ["sorry"]
