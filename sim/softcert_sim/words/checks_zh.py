"""What a step should have come to and what was seen instead, in Chinese: outcomes, and what checks and acts ask of a world.

The English stands where a check is made; a test reads every such text from the source and looks for it here.
"""

from softcert_sim.words.says_zh import CHOICES
from softcert_sim.words.templates import Templates

_NOTHING = "无"

CHECKS: dict[str, str] = {
    # Outcomes
    "allowed": "允许",
    "refused {reason}, told {told}": "拒绝 {reason}，用户得知{told}",
    "refused {reason}": "拒绝 {reason}",
    "rejected {error}": "协议拒收 {error}",
    "broken definite": "中断 确定没有发生",
    "broken unknown": "中断 结果不明",
    "limit: {why}": "局限：{why}",
    "{succeed} of {count} succeed": "{count}项中有{succeed}项成功",
    "{succeed} of {count} succeed, the others {expected}": "{count}项中有{succeed}项成功，其余{expected}",
    # Faults that met nothing
    "{came}; fault: {name} met nothing: the step has no such moment. Name one that it has, or leave the fault out":
        "{came}；故障{name}没有遇到任何东西：该步骤没有这样的时刻。请写一个它有的时刻，或去掉该故障",
    "fault: {name} met nothing: the step has no such moment. Name one that it has, or leave the fault out":
        "故障{name}没有遇到任何东西：该步骤没有这样的时刻。请写一个它有的时刻，或去掉该故障",
    "the user to read {text}": "用户读到{text}",
    # Checks
    "the application to be {state}": "申请的状态为{state}",
    "applications: {count}": "申请的数量：{count}",
    "the known code to be right: {yes}": "所知的激活码正确：{yes}",
    "the address to be {state}": "地址的状态为{state}",
    "certificates issued: {count}": "签发的证书数量：{count}",
    "the certificate to be {state}": "证书的状态为{state}",
    "on the CRL: {yes}": "在吊销列表上：{yes}",
    "by OCSP: {state}": "OCSP的答复：{state}",
    "bound to {computers}": "绑定于{computers}",
    "binding generation {generation}": "绑定的代次为{generation}",
    "the working PIN to be {pins}": "有效的PIN码为{pins}",
    "PIN tries left: {left}": "剩余的PIN码次数：{left}",
    "something to compare: {what}": "有可比较的内容：{what}",
    "wrong tries: {tries}": "错误次数：{tries}",
    "wrong tries at recoveries: {tries}": "恢复时的错误次数：{tries}",
    "symbols of the code: {symbols}": "激活码的符号数：{symbols}",
    "the session to be {state}": "会话的状态为{state}",
    "{count} mail(s)": "{count}封邮件",
    "{count} mail(s): {mails}": "{count}封邮件：{mails}",
    "no mail": "没有邮件",
    "mails waiting in the outbox: {count}": "待发的邮件：{count}",
    "a mail": "一封邮件",
    "the mail to say {text}": "邮件写有{text}",
    "an address in the mail: {yes}": "邮件中有地址：{yes}",
    "the backup to be {state}": "备份的状态为{state}",
    "whole and half-written backups on the drive: {counts}": "设备上完整的和未写完的备份：{counts}",
    "the office's records unchanged: {digest}": "商标局的记录没有变化：{digest}",
    "{who} to know the {what}: {yes}": "{who}知道{what}：{yes}",
    "a secret to look for: {what} of {who}": "要寻找的秘密：{who}的{what}",
    "none that ever was": "从来没有过",
    "nowhere": "不在任何地方",
    "the answer {answer}": "答复为{answer}",
    "the receipt to be genuine: {yes}": "回执是真的：{yes}",
    "filings: {count}": "业务的数量：{count}",
    "a code from 400 to 599": "400到599之间的代码",
    "a rule, rule/reason or protocol error that there is": "存在的规则、规则/理由或协议错误",
    "`entries`, for either `refused` or `rejected`": "`entries`，配上`refused`或`rejected`",
    "{names} without that": "{names}，没有它",
    "the audit log {state}": "审计日志{state}",
    "a finding that says {text}": "发现写有{text}",
    "entries: {count}": "审计记录数：{count}",
    "entries for {what}: {count}": "关于{what}的审计记录数：{count}",
    "the decision by {who}": "作出决定的是{who}",
    "the driver installed: {yes}": "驱动已安装：{yes}",
    "certificates on the computer: {count}": "电脑上的证书数量：{count}",
    # What acts need
    "a form that {who} filled in at {at}": "{who}在{at}上填写的申请表",
    "none: `fill` it first": "没有：请先填写（`fill`）",
    "an application of {who}": "{who}的申请",
    "a certificate of {who}": "{who}的证书",
    "{who} to know {count} addresses": "{who}知道{count}个地址",
    "{who} to know {count} codes": "{who}知道{count}个激活码",
    "{who} to know the {what}": "{who}知道{what}",
    "nothing known: {who} reads the result mail first (`read-mail`)": "一无所知：{who}须先查看结果邮件（`read-mail`）",
    "nothing known: {who} submits an application first (`apply`)": "一无所知：{who}须先提交申请（`apply`）",
    "nothing known: {who} downloads the certificate first (`download`)": "一无所知：{who}须先下载证书（`download`）",
    "nothing known: {who} makes a backup first (`backup`)": "一无所知：{who}须先备份（`backup`）",
    "nothing known: {who} logs in first (`login`)": "一无所知：{who}须先登录（`login`）",
    "nothing known: {who} steals it first (`steal`), or the step says it": "一无所知：{who}须先窃取（`steal`），或在步骤中写明",
    "a computer that {who} owns": "属于{who}的电脑",
    "none in the cast": "角色表中没有",
    "a computer without a key to move to": "一台没有密钥、可以移去的电脑",
    "an empty drive in no computer": "没有插入任何电脑的空设备",
    "a drive with a backup of {who}": "存有{who}的备份的设备",
    "a computer that somebody has": "有人持有的电脑",
    "{at} is lost": "{at}已丢失",
    "step '{label}' to have a result": "步骤“{label}”有结果",
    "it ended with: {error}": "它的结局是：{error}",
    "a signed request in step '{label}'": "步骤“{label}”中有签名的请求",
    "an answer in step '{label}'": "步骤“{label}”中有答复",
    "an address in a mail": "邮件中有地址",
    "a certificate at {at}": "{at}上有证书",
    "a key without a certificate at {at}": "{at}上有尚无证书的密钥",
    "a key store at {at}": "{at}上有密钥库",
    "a PIN that opens the key": "能打开密钥的PIN码",
    "it does not": "它打不开",
    "`at`: the computer with the key store": "`at`：有密钥库的电脑",
    "a backup that the password opens": "密码能打开的备份",
    "a moment such as `{example}` (of {known})": "一个时刻，例如`{example}`（可用：{known}）",
    "{drive} in a computer": "{drive}插在电脑上",
    "in none": "没有插在任何电脑上",
    "the examiner to see {text}": "审查员看到{text}",
    "the examiner to see that {who} applied in the same name": "审查员看到{who}以同一名称申请过",
    "a mail from the office for {who}": "商标局发给{who}的邮件",
    "a {what} that can be read": "读得出的{what}",
    "one that was altered before": "先前已被改动的",
    "`of`: whose key is meant": "`of`：指谁的密钥",
    "keys of {names} at {at}": "{at}上有{names}的密钥",
    "a {what} on {on}": "{on}上的{what}",
    # What was seen
    "True": "是",
    "False": "否",
    "none": _NOTHING,
    "nothing": _NOTHING,
    "whole": "完整",
    "broken": "不完整",
    "good": "有效",
    "revoked": "已吊销",
    "expired": "已过期",
    "a file": "文件",
    "[]": _NOTHING,
}
"""English templates, and what they are in Chinese."""


def checks(text: str) -> str:
    """An expectation, or what was seen, in Chinese; what is not known stays as it is."""
    return _word(text) or text


def _word(text: str) -> str | None:
    return _TEMPLATES.said(text) or CHOICES.get(text)


_TEMPLATES = Templates(CHECKS, _word)
