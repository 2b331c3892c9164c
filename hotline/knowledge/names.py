"""Where do people's and firms' names stand in a text, those that are known and those that the text itself introduces?

A known name is taken out wherever it stands, also inside longer words: what gives nobody away matters more than a
smooth sentence. Only where the name is an everyday word as well (高峰, 安全) must something beside it speak of a
person: the other places are reported as doubtful, and somebody looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec


class Hit(msgspec.Struct, frozen=True, order=True):
    """A place in the folded text, and what stands there instead; `doubtful`: left as it is, for a person to judge."""

    start: int
    end: int
    put: str
    doubtful: bool = False


LABELS: Final = tuple(f"某{stem}" for stem in "甲乙丙丁戊己庚辛壬癸")
ANYBODY: Final = "某某"
"""For the eleventh person on, and where it cannot be said who of two is meant."""
FIRM: Final = "某公司"
ORGANISATION: Final = "某单位"

_FIRM: Final = re.compile(r"(?:公司|集团|厂|店|商行|工作室|合作社|企业|中介|工程队)$")
_BODY: Final = re.compile(r"(?:学校|医院|中学|小学|大学|幼儿园|银行|支行|局|所|院|会|部|中心|站|办|队|社)$")
_WORDS: Final = frozenset(
    (  # noqa: SIM905 – as a list it would be a screenful
        "高峰 高兴 高度 高级 安全 安静 安排 安宁 平安 平等 平均 平常 文明 文化 文书 文件 方便 方法 方向 方式 方面 "
        "时间 时候 马上 马路 黄金 金额 金融 金钱 钱款 钱财 常常 常见 应当 应该 许可 许多 成立 成功 成员 严重 严格 "
        "于是 关于 关系 相关 向来 连续 连接 项目 经济 管理 宣传 计划 计算 和解 和平 和谐 解决 解除 解释 费用 花费 "
        "全部 全面 全家 水平 林业 车辆 车祸 房屋 房产 顾客 顾问 华人 党员 单位 单独 曾经 支付 支持 易于 雷同 万一 "
        "程序 程度 包括 包工 司法 都是 干部 农村 通知 通过 充分 满意 师傅 权利 权益 盛行 商量 商业 公司 公证 公安 "
        "利息 利益 强制 强烈 任何 任务 周全 周围 周末 国庆 建设 健康 明白 明确 明天 白天 温暖 元旦 空白 石头 江山 "
        "江湖 海洋 和气 祝福 荣誉 甘心 景色 阳光 红包 向上 向下 双方 左右 上官 左边 右边 冷静 冷漠 康复 宁静 别人 "
        "沙发"
    ).split()
)
"""Everyday words that are written like a name."""
_BEFORE: Final = re.compile(
    r"(?:^|[\s，。；：、,;:（(“\"]|我叫|名叫|叫做|叫|姓名|原告|被告|申请人|来电人|当事人|对方|本人|丈夫|妻子|老公|老婆|儿子|女儿|父亲|母亲|"
    r"哥哥|弟弟|姐姐|妹妹|房东|老板|同事|邻居|朋友|工友|借给|还给|交给|转给|向|跟|与|和|被|把|找|告)$"
)
_AFTER: Final = re.compile(
    r"(?:先生|女士|小姐|同志|本人|称|说|表示|认为|反映|某|等人|一家|夫妻|之妻|之夫|之子|之父|之母|借|欠|签|是|与|和|在|向|，|。|、)"
)

SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈"
    "钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万钱严赖覃洪武莫孔汤向常温康"
    "施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单裴霍涂成苗谷曲盛"
    "冉翁蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫"
    "柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_DOUBLE: Final = frozenset(
    ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "司徒", "夏侯")
)
_CUES: Final = re.compile(
    r"(?:我叫|名叫|叫做|姓名|法定代表人|法人代表|经办人|联系人|负责人|担保人|介绍人|证人|原告|被告|被申请人|申请人|丈夫|妻子|老公|老婆|前夫|前妻|"
    r"儿子|女儿|父亲|母亲|爸爸|妈妈|哥哥|弟弟|姐姐|妹妹|公公|婆婆|岳父|岳母|老板|包工头|工头|房东|租客|邻居|同事|朋友|工友|司机)[叫是为:：\s]{0,2}(?=[\u4e00-\u9fff])"
)
_NOT_GIVEN: Final = frozenset(
    "的在于因称说与和向住电身男女是欠借被将把要没不有已曾从到去打骂拖推撞开带拿买卖签赔还给让叫找来想能会可应也都又就才再每经通认表反承答同拒提要约"
    "个位名家们人公先小，。；：、"
)
"""Signs that go on with the sentence after a name rather than with the name."""
_TITLES: Final = (
    r"(?:先生|女士|小姐|大爷|大妈|大哥|大姐|阿姨|师傅|老板|经理|总(?![共是之体部计数结额量算和公督裁统])|同志)"
)
_DOTS: Final = "·•・‧.∙"


def known(text: str, people: Mapping[str, str]) -> list[Hit]:
    """Every place of these names (folded) and of their short forms. `people`: name → what stands there instead."""
    found: list[Hit] = []
    surnames = [name[0] for name in people if _is_person(name)]
    for name, put in people.items():
        found += _places(text, name, put)
        if _is_person(name):
            who = put if surnames.count(name[0]) == 1 else ANYBODY
            found += [
                Hit(*each.span(), who) for each in re.finditer(f"(?:老|小|阿)?{re.escape(name[0])}{_TITLES}", text)
            ]
        for short in _short_forms(name):
            found += [Hit(*each.span(), put) for each in re.finditer(re.escape(short), text)]
    return found


def introduced(texts: Sequence[str]) -> list[str]:
    """Names that these folded texts introduce themselves: `我叫张三`, `被告李强`, `房东：赵敏`."""
    whole = "\n".join(texts)
    found: list[str] = []
    for text in texts:
        for cue in _CUES.finditer(text):
            name = _name_at(text, cue.end(), whole)
            if name and name not in found:
                found.append(name)
    return found


def is_firm(name: str) -> bool:
    """Is it an organisation rather than a person?"""
    return len(name) > 3 and bool(_FIRM.search(name) or _BODY.search(name))


def firm_label(name: str) -> str:
    """What stands in an organisation's place."""
    return FIRM if _FIRM.search(name) else ORGANISATION


def _is_person(name: str) -> bool:
    return 2 <= len(name) <= 4 and name[0] in SURNAMES and not is_firm(name)


def _places(text: str, name: str, put: str) -> Iterator[Hit]:
    if len(name) < 2:
        return
    if name.isascii():
        pattern = rf"(?<![A-Za-z]){r'[ .]{0,2}'.join(map(re.escape, name.split()))}(?![A-Za-z])"
    else:
        signs = [sign for sign in name if sign not in _DOTS and not sign.isspace()]
        pattern = rf"[\s{re.escape(_DOTS)}]{{0,2}}".join(map(re.escape, signs))
    for found in re.finditer(pattern, text, re.IGNORECASE):
        everyday = name in _WORDS and not (
            _BEFORE.search(text[max(0, found.start() - 6) : found.start()]) or _AFTER.match(text, found.end())
        )
        yield Hit(*found.span(), put, doubtful=everyday or (name in _WORDS and _goes_on(text, found.end())))


def _goes_on(text: str, end: int) -> bool:
    """高峰期, 安全带: with the next sign it is another word."""
    return text[end : end + 1] in "期带生性感化上下"


def _short_forms(name: str) -> list[str]:
    """宏达公司 and 宏达建筑 for 杭州宏达建筑有限公司."""
    if not is_firm(name):
        return []
    core = re.sub(r"^.{2,3}?(?:省|市|县|区)", "", name)
    core = re.sub(r"(?:股份|有限责任|有限|责任|集团|公司)+$", "", core)
    # Often the place stands before it, and cannot be told from the name: 杭州宏达建筑.
    cores = [core, core[2:]] if len(core) >= 6 else [core]
    forms = [each for each in cores if len(each) >= 3 and each != name]
    if _FIRM.search(name):
        forms += [f"{each[:2]}{kind}" for each in cores if len(each) >= 2 for kind in ("公司", "集团")]
    return forms


def _name_at(text: str, at: int, whole: str) -> str | None:
    surname = text[at : at + 2] if text[at : at + 2] in _DOUBLE else text[at : at + 1]
    if surname not in _DOUBLE and surname not in SURNAMES:
        return None
    given = ""
    for sign in text[at + len(surname) : at + len(surname) + 2]:
        if not "\u4e00" <= sign <= "\u9fff" or sign in _NOT_GIVEN:
            break
        given += sign
    if not given or f"{surname}{given[:1]}" in _WORDS:
        return None
    short = surname + given[0]
    if len(given) == 2 and whole.count(short) > whole.count(surname + given):
        return short  # 李强拖欠 … 李强: the shorter one stands elsewhere without the third sign
    return surname + given
