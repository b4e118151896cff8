"""Chinese. Where the official description has a term, it is that one (see `GLOSSARY`); all else is this project's."""

from datetime import datetime

from softcert_sim.scenario.registry import Phrasing
from softcert_sim.words import (
    checks_zh,
    lesson_zh,
    lines_zh,
    look_zh,
    mails_zh,
    names_zh,
    report_zh,
    says_zh,
    source_zh,
    stepping_zh,
    tables_zh,
    texts_zh,
    why_zh,
)
from softcert_sim.words.language import Language

GLOSSARY: dict[str, str] = {
    "soft certificate": "软证书",
    "Trademark Online Service System": "商标网上服务系统",
    "Trademark Office": "商标局",
    "activation code": "激活码",
    "certificate assistant": "证书助手",
    "driver": "驱动",
    "Register Now": "立即注册",
    "apply": "申请",
    "Soft Certificate Backup": "软证书备份",
    "Soft Certificate Recovery": "软证书恢复",
    "disapproval": "不予注册",
    "electronic business licence": "电子营业执照",
    "PIN code": "PIN码",
    "initial PIN": "初始PIN码",
    "unique address": "唯一地址",
    "removable storage device": "移动存储设备",
    "flash drive": "U盘",
    "removable hard disk": "移动硬盘",
    "homepage": "首页",
    "examiner": "审查员",
    "session": "会话",
    "binding": "绑定",
    "generation": "代",
    "secure element": "安全元件",
    "hardware id": "硬件标识",
    "revocation": "吊销",
    "receipt": "回执",
    "audit log": "审计日志",
}
"""Terms in English and Chinese; docs/glossary.md prints them."""


def time(moment: datetime) -> str:
    """Day and time, seconds only where there are some."""
    return f"{moment.year}年{moment.month}月{moment.day}日{moment:%H:%M:%S}".removesuffix(":00")


def duration(seconds: int) -> str:
    """`2天`, `1小时30分钟`."""
    parts: list[str] = []
    for name, size in (("天", 86400), ("小时", 3600), ("分钟", 60), ("秒", 1)):
        count, seconds = divmod(seconds, size)
        parts += [f"{count}{name}"] if count else []
    return "".join(parts) or "0秒"


CHINESE = Language(
    refused=why_zh.REFUSED,
    allowed=why_zh.ALLOWED,
    values=why_zh.VALUES,
    fields=texts_zh.FIELDS,
    says_refused="依据{rule}（{reason}）拒绝：{why}。",
    says_allowed="允许：{why}。",
    says_unasked="允许：没有检查任何事项。",
    says_repeated="此前已请求过，按先前的答复再答一次：没有作出新的决定。",
    is_broken="规则{rule}已被破坏",
    semicolon="；",
    comma="、",
    last_comma="和",
    no_computer="任何电脑都不是",
    unknown_computer="一台未知的电脑",
    earlier_key="使用以前密钥的{computer}",
    visitor="只是打开过网页的某人",
    nothing="无",
    time=time,
    zone="（UTC+8）",
    reads=texts_zh.reads,
    checks=checks_zh.checks,
    mails=mails_zh.mails,
    says=says_zh.SAYS,
    phrasing=Phrasing(
        yes="是", no="否", comma="、", duration=duration, choices=says_zh.CHOICES, fields={
            **texts_zh.FIELDS, "holds-e-licence": "持有电子营业执照",
        },
    ),
    clauses=source_zh.CLAUSES,
    readings=source_zh.READINGS,
    labels={
        "driver": "驱动", "office": "商标局", "rule": "规则", "reads": "用户看到", "limit": "局限", "note": "说明",
        "clauses": "条款", "expected": "预期", "seen": "实际", "differs": "差异", "oracle": "预言机",
        "text": "提示", "again": "重现", "known": "已知失败",
    },
    outcomes={
        "allowed": "允许", "refused": "拒绝", "rejected": "协议拒收", "broken": "中断", "failed": "失败", "crashed": "崩溃",
        "definite": "确定没有发生", "unknown": "结果不明", "holds": "成立",
    },
    told="，用户得知{told}",
    not_as_expected="{came}，预期{expected}",
    at_once="同时进行：{sentences}",
    by_turns="同时进行，轮次为{turns}：{sentences}",
    succeed="{count}项中有{succeeded}项成功",
    differs={
        "author": "场景要求了在其中做不到的事情。",
        "system": "系统以任何结果都没有描述的方式失败。",
        "author and system": "作者与系统不一致。",
        "author alone": "作者与预言机、系统不一致。",
        "system alone": "系统与作者、预言机不一致。",
        "oracle": "预言机与作者、系统不一致。",
        "all": "作者、预言机与系统各不相同。",
        "invariant": "有一条不变量不成立。",
        "list": "预期失败的清单已过时：请从中删去此条。",
    },
    as_expected_one="共{count}步，全部符合预期{limit}。",
    as_expected="共{count}步，全部符合预期{limit}。",
    limit="；其中有一种攻击得逞，而此类系统无法阻止它",
    succeeds="局限：攻击得逞",
    remark="条款与规则的中文是本项目的译文，以英文原文为准。",
    looks=look_zh.LOOKS,
    stepping=stepping_zh.STEPPING,
    report=report_zh.REPORT,
    tables=tables_zh.TABLES,
    lesson=lesson_zh.LESSON,
    breaks=lesson_zh.BREAKS,
    acts=names_zh.ACTS,
    preludes=names_zh.PRELUDES,
    chapters=names_zh.CHAPTERS,
    lines=lines_zh.LINES,
)  # fmt: skip
