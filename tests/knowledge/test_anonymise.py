"""A ticket's words without the people: the nasty cases."""

from __future__ import annotations

import pytest

from hotline.knowledge.anonymise import Known, after, anonymise, left_over


def told(text: str, **known: object) -> str:
    pieces = anonymise({"facts": text}, Known(**known))["facts"]  # pyright: ignore[reportArgumentType]
    assert "".join(piece.was for piece in pieces) == text, "nothing of the original may be lost or doubled"
    return after(pieces)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("手机13800138000。", "手机【电话】。"),
        ("手机１３８００１３８０００。", "手机【电话】。"),
        ("打 138 0013 8000 或138-0013-8000", "打 【电话】 或【电话】"),
        ("1 3 8 0 0 1 3 8 0 0 0", "【电话】"),
        ("+86 138-0013-8000、(0571)8788 1234", "【电话】、【电话】"),
        ("座机87881234转人工", "座机【电话】转人工"),
        ("身份证３３０１０６１９８５０３０２００１Ｘ", "身份证【身份证号】"),
        ("身份证 330106 19850302 0018", "身份证 【身份证号】"),
        ("老证330106850302001", "老证【身份证号】"),
        ("卡号6222 0212 3456 7890 123", "卡号【银行卡号】"),
        ("账号33050161", "账号【号码】"),
        ("浙A·12345 和浙AD12345，粤Ｂ６７８９０", "【车牌号】 和【车牌号】，【车牌号】"),
        ("住杭州市西湖区文三路138号3幢201室。", "住杭州市西湖区【地址】。"),
        ("在凯旋街道景芳新村三区12幢3单元502室", "在【地址】"),
        ("家住张家村五组12号", "家住【地址】"),
        (
            "邮箱zhang.san@example.com，微信：wx_abc123，QQ 12345678",
            "邮箱【网络账号】，微信：【网络账号】，QQ 【网络账号】",
        ),
        ("1985年3月2日出生，生于1985-03-02", "【出生日期】出生，生于【出生日期】"),
    ],
)
def test_by_its_form(text: str, expected: str) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "拨打12348、12345、110或95588咨询",
        "借款100000000元，欠款12345678.50元，年利率15.4%",
        "2026年11月23日至2027-01-01，工期20260101到20261231",
        "《中华人民共和国民法典》第六百七十五条、第1079条",
        "（2025）浙0106民初12345号",
        "京东买的手机坏了，云南旅游，路上花了3小时",
        "在公园路口等了10分钟，走了5里路",
    ],
)
def test_what_tells_nobody_stays(text: str) -> None:
    assert told(text) == text


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("王伟", "王伟称，王 伟和王·伟都签了字", "某甲称，某甲和某甲都签了字"),
        ("王伟", "王先生说，老王先生也说", "某甲说，某甲也说"),
        ("王伟", "王伟明不认识王伟", "某甲明不认识某甲"),
        ("高峰", "高峰在高峰期挤地铁，高峰称早高峰更挤", "某甲在高峰期挤地铁，某甲称早高峰更挤"),
        ("安全", "安全带没系，申请人安全表示生产安全第一", "安全带没系，申请人某甲表示生产安全第一"),
        ("阿卜杜·热合曼", "阿卜杜热合曼和阿卜杜・热合曼", "某甲和某甲"),
        ("ＬＩ Ｎａ", "Lina、LI  NA 和 Li Nan", "某甲、某甲 和 Li Nan"),
        ("欧阳建国", "欧阳建国", "某甲"),
        ("王", "王府井大街很长", "王府井大街很长"),
        ("", "没有名字", "没有名字"),
    ],
)
def test_the_callers_name(name: str, text: str, expected: str) -> None:
    assert told(text, caller=name) == expected


def test_the_other_side_a_firm_and_its_short_forms() -> None:
    text = "我在杭州宏达建筑有限公司上班，宏达公司不发工资，宏达建筑的李总总是推脱"
    assert told(text, counterparty="杭州宏达建筑有限公司") == "我在某公司上班，某公司不发工资，某公司的李总总是推脱"


def test_names_that_the_text_introduces() -> None:
    text = "被告李强拖欠工资，后来李强走了。房东：赵敏，丈夫叫欧阳建国；朋友介绍来的，同事都知道"
    assert told(text) == "被告某丙拖欠工资，后来某丙走了。房东：某丁，丈夫叫某戊；朋友介绍来的，同事都知道"


def test_one_person_has_one_label_in_all_texts_and_ours_are_ours() -> None:
    pieces = anonymise(
        {"facts": "张三借给李四5万元", "opinion": "陈明律师答复：张三可起诉李四"},
        Known(caller="张三", counterparty="李四", staff=["陈明"]),
    )
    assert {name: after(each) for name, each in pieces.items()} == {
        "facts": "某甲借给某乙5万元",
        "opinion": "值班律师律师答复：某甲可起诉某乙",
    }


def test_two_of_one_surname() -> None:
    assert told("王女士和王先生", caller="王芳", counterparty="王强") == "某某和某某"


def test_a_number_that_only_the_ticket_knows() -> None:
    assert told("给8788-1234留言", numbers=["87881234"]) == "给【电话】留言"


def test_what_may_be_a_word_is_marked_for_somebody_to_look() -> None:
    pieces = anonymise({"facts": "早高峰，高峰称"}, Known(caller="高峰"))["facts"]
    assert [(piece.was, piece.now, piece.doubtful) for piece in pieces] == [
        ("早", "早", False),
        ("高峰", "高峰", True),
        ("，", "，", False),
        ("高峰", "某甲", False),
        ("称", "称", False),
    ]


def test_invisible_signs_hide_nothing() -> None:
    assert told("王\u200b伟 138\u200b00138000", caller="王伟") == "某甲 【电话】"


def test_what_is_left_over_is_told_by_paragraph() -> None:
    assert left_over("某甲咨询。\n电话１３８００１３８０００，合同编号20250001\n无") == ["第 2 段：电话"]


def test_a_long_text_takes_no_long_time() -> None:
    """Nothing here goes back and forth: digits, roads and names that almost fit, ten thousand signs of each."""
    for text in ("1 " * 5_000, "路1" * 5_000, "王" * 10_000, "微信" * 5_000, "a@" * 5_000, "浙A" * 5_000):
        told(text, caller="王王")
