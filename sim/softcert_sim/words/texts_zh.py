"""What users read, in Chinese: by rule and reason, for whatever the driver or the office says in English.

Answers of the office stay in English: they name rule and reason, so that a driver can say it in its user's language
without asking the office for it. A text that is not here is said by the name of its error.
"""

from functools import lru_cache

from softcert import texts as driver
from softcert.form import LABELS
from softcert_ca import texts as office
from softcert_sim.words.templates import Templates
from softcert_sim.words.why_zh import VALUES

_OTHER_HARDWARE = "这台电脑有太多部件与商标局所知的不同。请换回原来的部件；如果原部件已不在，"
_REVOKED = "证书已被吊销，不能再使用。请在首页申请新的证书。"
_ENDED = "会话已结束。请重新登录，再做一遍刚才的操作。"
_NO_SESSION = "没有这个会话。请先登录。"
_NEW_PIN = "请另选一个新PIN码："
_PLUG = "请插入U盘或移动硬盘"

DRIVER: dict[str, str] = {
    "driver-first/missing": "这台电脑没有安装驱动，或者驱动被安全软件删除了。请到首页下载并安装，然后重试。",
    "driver-first/unsigned": "这个驱动不是商标局发布的，因此没有安装。请检查这台电脑的日期是否正确，然后从商标局自己的首页下载驱动。",
    "driver-first/altered": "这个驱动与商标局签名的内容不一致：它在传输途中或在这台电脑上安装之后被改动了，不能运行。"
    "请从商标局首页重新安装。",
    "driver-first/older": "这个驱动比这里以前安装过的版本旧，因此没有安装。请从商标局首页下载当前版本的驱动。",
    "form-checked/not-reviewed": "请再次核对申请表，确认无误后提交。",
    "change-initial-pin/initial": "证书仍在使用初始PIN码。请先修改PIN码，再用新PIN码进行此操作。",
    "change-initial-pin/same-as-initial": _NEW_PIN + "初始PIN码人人皆知。",
    "change-initial-pin/too-short": _NEW_PIN + "这个太短。",
    "change-initial-pin/too-long": _NEW_PIN + "这个太长。",
    "change-initial-pin/characters": _NEW_PIN + "请用英文键盘上的字母、数字和符号，全角字符无效。",
    "change-initial-pin/repeated": _NEW_PIN + "不要只重复一个字符。",
    "change-initial-pin/running": _NEW_PIN + "不要使用连续的字符，例如23456789。",
    "pin-guards-key/wrong-pin": "PIN码错误。请重试；输错次数过多，证书将被锁定。如果忘记了PIN码，请在这台电脑上用备份恢复证书，并设置新PIN码。",
    "pin-guards-key/locked": "PIN码输错次数过多：证书在这台电脑上已锁定。请在这里用备份恢复；如果没有备份，请商标局吊销证书后重新申请。",
    "pin-guards-key/old-keystore": "这些证书文件不属于现在的这台电脑：它们是旧的副本，或来自另一台电脑。"
    "请用备份恢复证书，或使用安装证书的那台电脑。",
    "backup-to-removable/no-drive": _PLUG + "，然后重新开始备份。",
    "backup-to-removable/not-removable": "备份只能存到移动存储设备。" + _PLUG + "，并选择它。",
    "backup-to-removable/leaves-the-drive": "这个文件夹是通往设备之外的链接。请选择设备本身上的文件夹。",
    "backup-sealed/weak-password": "请为备份选一个更长的密码，只用键盘真正能输入的字符：捡到设备的人可以猜测密码。",
    "backup-sealed/newer-format": "这份备份是由更新版本的驱动制作的。请从首页安装当前版本的驱动，然后重新恢复。",
    "backup-sealed/unregistered": "这份备份从未在商标局登记：它没有完成，或缺少一部分。请在有证书的电脑上重新备份。",
    "backup-sealed/foreign": "这份备份没有在商标局登记。请选择用“软证书备份”制作的备份。",
    "backup-sealed/altered": "这份备份被改动或已损坏。请使用另一个副本，或在有证书的电脑上重新备份。",
    "backup-sealed/wrong-password": "备份的密码错误。请用制作备份时所选的密码重试；如果忘记了，请在有证书的电脑上重新备份。",
    "recover-from-removable/no-drive": "请插入存有备份的设备，然后重新开始恢复。",
    "recover-from-removable/not-removable": "恢复只能从移动存储设备读取。请插入存有备份的U盘或移动硬盘。",
    "recover-from-removable/no-backup": "这个设备上没有找到这份备份。请插入存有备份的设备；如果有几份，请看清各属于哪个申请人。"
    "如果已经没有备份，请商标局吊销证书后重新申请。",
    "valid-certificate/no-certificate": "这台电脑上没有找到证书信息。请用商标局邮件中的地址下载证书，或用备份恢复。",
}  # fmt: skip

OFFICE: dict[str, str] = {
    "no-e-licence/holder": "电子营业执照持有人不在此申请。请使用持有执照者的流程；如果回答有误，请更正。没有记录任何内容。",
    "confirm-computer/said-no": "软证书只能在申请时所用的电脑上使用。请换到您要使用的电脑，在那里打开首页，重新开始。",
    "confirm-computer/not-confirmed": "尚未确认使用这台电脑。请回答首页上的问题，然后申请。",
    "confirm-computer/forged": "这个确认不是商标局给出的。请重新回答首页上的问题，然后申请。",
    "confirm-computer/other-computer": "确认是在另一台电脑上作出的。请在这台电脑上回答首页的问题，或回到您确认的那台电脑。",
    "driver-first/missing": "缺少驱动。请到首页下载并安装驱动，然后重试。",
    "driver-first/outdated": "这台电脑上的驱动太旧。请到首页安装当前版本的驱动，然后重试。",
    "read-notice/not-read": "请点击首页上的“立即注册”，先阅读申请事项。",
    "read-notice/other-notice": "您阅读的是电子营业执照持有人的须知。请点击“立即注册”，阅读无执照申请人的须知。",
    "read-notice/changed": "您阅读之后，须知已经更改。请点击“立即注册”，把新的须知读到末尾，然后重新申请。",
    "read-notice/not-from-register-now": "请从首页的“立即注册”打开须知，阅读后再申请。",
    "read-notice/not-to-the-end": "须知没有读到末尾。请滚动到末尾，然后点击“申请”。",
    "read-notice/not-accepted": "没有同意须知。如果要申请，请阅读后同意。",
    "form-checked/applicant-type": "请说明申请人是企业还是个人，然后重新提交。",
    "form-checked/country": "请更正国家或地区，然后重新提交。",
    "form-checked/name": "请更正申请人名称，然后重新提交。",
    "form-checked/credit-code": "请更正统一社会信用代码，然后重新提交。",
    "form-checked/identity-number": "请更正身份证件号码，然后重新提交。",
    "form-checked/contact": "请更正联系人，然后重新提交。",
    "form-checked/mailbox": "请更正电子邮箱，然后重新提交：结果将发到那里。",
    "form-checked/mobile": "请更正手机号码，然后重新提交。",
    "form-checked/address": "请更正通信地址，然后重新提交。",
    "form-checked/unknown-field": "请只填写申请表所列的项目，然后重新提交。",
    "form-checked/not-reviewed": "请再次核对申请表，确认无误后提交。",
    "approved-only/undecided": "申请尚未作出决定。请等待结果邮件。",
    "approved-only/disapproved": "该申请不予注册，因此没有可下载的证书。邮件说明了理由：请更正后重新申请。",
    "approved-only/withdrawn": "申请已撤回。如果需要证书，请重新申请。",
    "approved-only/revoked": _REVOKED,
    "unique-address/unknown": "没有这个下载地址。请从邮件中重新复制完整的地址，不要改动。",
    "one-time-link/used": "这个地址已经使用过，现已失效：证书在下载它的那台电脑上，请在那里登录；如果不是您本人下载的，请立即联系商标局。",
    "one-time-link/replaced": "已发送更新的地址。请查找商标局最新的邮件，使用其中的地址。",
    "one-time-link/expired": "这个地址已过期。请向商标局索取新的地址。",
    "same-computer-download/other-computer": "证书只能在提交申请的电脑上下载。请到那台电脑上打开地址。如果更换过硬盘，请撤回后重新申请。",
    "same-computer-download/other-hardware": _OTHER_HARDWARE + "请撤回申请，在这台电脑上重新申请。",
    "same-computer-download/no-key": "申请时生成的密钥已不在这台电脑上。请撤回申请，重新申请。",
    "activate-first/no-session": _NO_SESSION,
    "activate-first/session-ended": _ENDED,
    "activate-first/already-active": "证书已经激活。请继续办理业务。",
    "activate-first/locked": "激活码输错次数过多。请向商标局索取新的激活码，它将显示在这台电脑上。",
    "activate-first/no-reissue": "没有等待您领取的新激活码。如果激活码遗失，请向商标局索取。",
    "activate-first/wrong-code": "激活码错误。请与您最近记下的激活码核对；输错几次后，激活将被锁定。如果激活码遗失，请向商标局索取新的。",
    "business-after-activation/no-session": _NO_SESSION,
    "business-after-activation/session-ended": _ENDED,
    "business-after-activation/not-activated": "证书尚未激活。请用激活码激活，然后重新提交。",
    "business-after-activation/other-certificate": "提交的业务是用另一张证书签名的，不是登录所用的证书。请用那张证书登录。",
    "same-computer-use/too-few-ids": "这台电脑报告的硬件标识太少，日后无法再次认出，因此证书不能在它上面使用。"
    "请换一台电脑，或请厂家设置各部件的序列号。",
    "same-computer-use/other-computer": "这件事只能在一台电脑上做，而不是这台。下载之前是提交申请的那台电脑，"
    "下载之后是最近安装证书的那台电脑。请到那台电脑上操作。",
    "same-computer-use/other-hardware": _OTHER_HARDWARE + "请在这台电脑上用备份恢复证书。",
    "backup-sealed/unregistered": "商标局没有这份备份的登记。请使用用“软证书备份”制作的备份。",
    "recover-from-removable/locked": "恢复时激活码输错次数过多。请向商标局索取新的激活码，它将显示在绑定的电脑上。",
    "recover-from-removable/wrong-proof": "激活码错误。恢复需要最近向您显示的激活码；输错几次后将被锁定。如果激活码遗失，请向商标局索取新的。",
    "one-computer/retired": "证书已移到另一台电脑，这台电脑不能再使用它。请使用新的电脑；如果不是您本人移动的，请立即告知商标局。",
    "one-computer/spent": "这份备份已经用于恢复。请在现在有证书的电脑上重新备份。",
    "one-computer/old-generation": "这份备份是在证书移动之前制作的。请在现在有证书的电脑上重新备份。",
    "valid-certificate/wrong-issuer": "这张证书不是商标局签发的，或商标局不认识它。请选择正确的证书。",
    "valid-certificate/wrong-usage": "这张证书不是用于登录的。请选择正确的证书。",
    "valid-certificate/not-yet-valid": "证书尚未生效。请稍后再试。",
    "valid-certificate/expired": "证书已过期。请在首页申请新的证书。",
    "valid-certificate/revoked": _REVOKED,
}  # fmt: skip

REJECTED: dict[str, str] = {
    "badNonce": "一次性随机数已经用过、过旧或不是商标局给出的。请重新获取后再发送。",
    "badSignature": "签名与消息不符。",
    "badSignatureAlgorithm": "只接受ES256签名。",
    "badPublicKey": "不接受这个公钥。请为每份申请生成新的P-256密钥。",
    "badCSR": "不接受这个证书请求。请重新生成一个普通的证书请求。",
    "malformed": "请求的格式不正确，未被处理。",
    "conflict": "现在的状态下不能这样做，或者这个请求编号已用于别的请求。",
    "rateLimited": "请求过多。请等待一段时间后再试。",
    "unauthorized": "没有权限：请求不是为此签署的，或缺少所需的凭据。",
    "serverInternal": "商标局目前无法处理。请稍后重试。",
}
"""By the name of a protocol error."""

BROKEN = {
    "definite": "没有完成，商标局也没有做任何事情。请排除故障后重试。",
    "unknown": "没有明确的答复，不能确定是否已经完成。请把同样的操作再做一次，只算一次。",
}
"""For what broke: by whether it certainly did not happen."""

FIELDS: dict[str, str] = {
    "applicant-type": "申请人类型",
    "country": "国家或地区",
    "name": "申请人名称",
    "credit-code": "统一社会信用代码",
    "identity-number": "身份证件号码",
    "contact": "联系人",
    "mailbox": "电子邮箱",
    "mobile": "手机号码",
    "address": "通信地址",
    "unknown-field": "申请表",
}

_WIDE = "宽{units}个单位，最多{most}个（一个汉字算两个）。请缩短。"

MESSAGES: dict[str, str] = {
    # Of the form (`softcert.form`), after the name of a field
    "must be text. Type it into the field and submit again.": "必须是文字。请在该项中输入后重新提交。",
    "say whether the applicant holds an electronic business licence: 'yes' or 'no'.": "请说明申请人是否持有电子营业执照：是（yes）或否（no）。",
    "take out what the form does not ask for: {names}.": "请去掉申请表没有要求的内容：{names}。",
    "{names} and {count} more": "{names}以及另外{count}项",
    "symbol {place} is an invisible character ({code}), such as a line end. Type the field anew, on one line, instead of "
    "pasting it.": "第{place}个字符是不可见字符（{code}），例如换行。请在一行内重新输入，不要粘贴。",
    "symbol {place} is a full-width blank. Switch the keyboard to half-width, type {wanted}.": "第{place}个字符是全角空格。"
    "请把键盘切换到半角，输入{wanted}。",
    "symbol {place} is the full-width character {symbol}. Switch the keyboard to half-width, type {wanted}.": "第{place}个"
    "字符是全角字符{symbol}。请把键盘切换到半角，输入{wanted}。",
    "begins or ends with a blank. Remove it.": "开头或末尾有空格。请去掉。",
    "choose 'company' or 'person'.": "请选择企业（company）或个人（person）。",
    "choose 'company' or 'person'; here stands {said}.": "请选择企业（company）或个人（person）；这里写的是{said}。",
    "choose one; it is written as two capital letters, as in CN, HK, MO, TW or US.": "请选择一个；用两个大写字母表示，"
    "例如CN、HK、MO、TW或US。",
    "choose one; it is written as two capital letters, as in CN, HK, MO, TW or US; here stands {said}.": "请选择一个；"
    "用两个大写字母表示，例如CN、HK、MO、TW或US；这里写的是{said}。",
    "is {units} units wide, {most} is the most (a Chinese character counts two). Shorten it.": _WIDE,
    "is missing. Write the name as in the applicant's papers.": "未填写。请按申请人的证件填写名称。",
    "is missing. A company names a person whom the office can ask.": "未填写。企业须指定一名商标局可以联系的人。",
    "is missing. Write where post reaches the applicant.": "未填写。请填写申请人能收到邮件的地址。",
    "is missing. Copy the 18 symbols from the business registration.": "未填写。请照抄营业登记上的18位代码。",
    "belongs to companies. Leave it empty, or choose 'company' as the kind of applicant.": "只适用于企业。"
    "请留空，或将申请人类型选为企业（company）。",
    "must have 18 symbols, here stand {count}. Compare it with the business registration.": "必须是18位，这里是{count}位。"
    "请与营业登记核对。",
    "symbol {place}, {symbol}, cannot be in it: digits and capital letters other than I, O, S, V and Z can. Correct it.": "第"
    "{place}位{symbol}不可能出现：只能是数字和除I、O、S、V、Z以外的大写字母。请更正。",
    "its check digit does not fit, so a symbol is mistyped. Compare it with the business registration.": "校验位不符，"
    "说明有一位输错了。请与营业登记核对。",
    "belongs to persons. Leave it empty, or choose 'person' as the kind of applicant.": "只适用于个人。"
    "请留空，或将申请人类型选为个人（person）。",
    "is missing. Copy it from the identity card or passport.": "未填写。请照抄身份证或护照上的号码。",
    "must be the 5 to 20 letters and digits of the passport or identity card. Compare it with the document.": "必须是护照或"
    "身份证件上的5至20位字母和数字。请与证件核对。",
    "must be 17 digits and a digit or a capital X. Compare it with the identity card.": "必须是17位数字加一位数字或大写X。"
    "请与身份证核对。",
    "digits 7 to 14, {birth}, are no birth date. Compare it with the identity card.": "第7至14位{birth}不是出生日期。"
    "请与身份证核对。",
    "its check digit does not fit, so a digit is mistyped. Compare it with the identity card.": "校验位不符，"
    "说明有一位输错了。请与身份证核对。",
    "is missing. The office calls it when the mailbox does not answer.": "未填写。邮箱没有回应时，商标局会拨打这个号码。",
    "must be 11 digits that begin with 13 to 19, without blanks, hyphens or +86. Type them alone.": "必须是以13至19开头的"
    "11位数字，不含空格、连字符或+86。请只输入数字。",
    "must be + and 7 to 15 digits, the country's number first, without blanks or hyphens, as in +85291234567.": "必须是+加"
    "7至15位数字，以国家或地区号码开头，不含空格或连字符，例如+85291234567。",
    "is missing. The result and the download address are sent there.": "未填写。结果和下载地址将发到那里。",
    "must be one address alone, as in name@example.com: no second address, no name, no brackets or quotes.": "只能是一个"
    "邮箱地址，例如name@example.com：不要第二个地址、姓名、括号或引号。",
    "must be name@domain, as in name@example.com. Type the part that is missing.": "必须是“名称@域名”，"
    "例如name@example.com。请补上缺少的部分。",
    "may have Latin letters, digits and common signs only. Use an address without other letters.": "只能含有拉丁字母、数字和"
    "常用符号。请使用不含其他文字的邮箱。",
    "has {length} characters before the @, {most} is the most. Use another mailbox.": "@之前有{length}个字符，最多{most}个。"
    "请使用另一个邮箱。",
    "has {length} characters, {most} is the most. Use another mailbox.": "有{length}个字符，最多{most}个。请使用另一个邮箱。",
    "{local} before the @ has a dot too many. Compare it with the address of the mailbox.": "@之前的{local}多了一个点。"
    "请与邮箱地址核对。",
    "{domain} after the @ is no domain, such as example.com. Correct it.": "@之后的{domain}不是域名（例如example.com）。请更正。",
    # Of the driver
    driver.WHICH_CERTIFICATE: "这台电脑上有多张证书：{names}。请用申请人名称指明是哪一张。",
    driver.ANOTHER_ORIGIN: "这个地址不通往商标局{origin}，因此什么也没有发送。请使用商标局自己邮件中的地址，不要相信给出这个地址的消息。",
    driver.DISK_FAILED: "{what}没有向商标局发送任何内容。{todo}，然后重试。",
    driver.DISK_FAILED_AFTER: "{what}商标局可能已经完成了它那一部分。{todo}，然后把同样的操作再做一次。",
    driver.NO_ANSWER: "商标局没有明确的答复，不能确定是否已经完成。请把同样的操作再做一次。",
    driver.NOT_BELIEVED: "{text}不能确定商标局是否已经完成它那一部分。请把同样的操作再做一次，必要时换一条线路。",
    driver.ASKED_BEFORE: "同样的请求以前用另一个激活码提出过，可能已经完成。请用最初给出的激活码重复一次。",
    "The disk or device is full.": "磁盘或设备已满。",
    "The disk or device is write-protected.": "磁盘或设备有写保护。",
    "The disk or device does not let the driver write.": "磁盘或设备不允许驱动写入。",
    "The disk or device failed.": "磁盘或设备出现故障。",
    "Make room on it": "请腾出空间",
    "Remove the protection": "请解除写保护",
    "Check it, plug it in firmly or use another one": "请检查它，插紧或换用另一个",
    "The signature does not fit the message.": "签名与消息不符。",
    "This was not signed by the Trademark Office. Do not rely on it.": "这不是商标局签名的，请不要相信。",
    "The power went at {at}. Switch it on and look what happened.": "{at}断电了。请开机查看发生了什么。",
    "The line to {origin} was cut before the answer came. Do the same again: it counts once.": "与{origin}的线路在答复到达"
    "之前中断。请再做一次，只算一次。",
    "{origin} cannot be reached. Nothing was sent; try again later.": "无法连接{origin}。什么也没有发送，请稍后重试。",
    # Of the office
    "Too many applications from this computer. Wait a day.": "从这台电脑提交的申请过多。请等一天。",
    "Too many unknown addresses were asked from this computer. Wait an hour.": "从这台电脑查询的未知地址过多。请等一小时。",
    "The nonce is not one of this office, or too old. Take a fresh one.": "这个一次性随机数不是商标局给出的，或者过旧。请重新获取。",
    "The nonce was used before. Take a fresh one.": "这个一次性随机数已经用过。请重新获取。",
    "This request id was used for something else. Use a new one.": "这个请求编号已用于别的请求。请使用新的编号。",
    "The {kind} is {state}: it cannot {event}.": "{kind}的状态是“{state}”，不能{event}。",
    **{state: word for kind in ("application", "certificate") for state, word in VALUES[kind].items() if state != "none"},
    "application": "申请",
    "certificate": "证书",
    "activate": "激活",
    "issue": "发证",
    "revoke": "吊销",
    "approve": "核准",
    "disapprove": "作出不予注册的决定",
    "get a new address": "获得新的地址",
    "get a new activation code": "获得新的激活码",
    "withdraw": "撤回",
}  # fmt: skip
"""English templates, and what they are in Chinese; what stands in a slot is translated too, where it is known."""


_BY_NAME = {**OFFICE, **REJECTED, **BROKEN}


def reads(told: str, text: str) -> str:
    """A text for a user in Chinese, line by line; one that is not here is said by the name under which it was told."""
    lines = [_translated(line) for line in text.splitlines()]
    known = [line for line in lines if line is not None]
    return "\n".join(known) if len(known) == len(lines) else _BY_NAME.get(told, text)


def _translated(text: str) -> str | None:
    for label, name in zip(LABELS.values(), (FIELDS[field] for field in LABELS), strict=True):
        if text.startswith(f"{label}: "):
            rest = [_known(part) for part in text.removeprefix(f"{label}: ").split(" Then ")]
            return None if None in rest else f"{name}：{'然后，'.join(part for part in rest if part)}"
    return _known(text)


def _known(text: str) -> str | None:
    return _templates().said(text)


@lru_cache(maxsize=1)
def _templates() -> Templates:
    """Every text that users read, with what it is in Chinese."""
    tables = ((driver.TEXTS, DRIVER), (office.TEXTS, OFFICE))
    by_reason = {
        text: chinese[f"{rule}/{reason}"] for english, chinese in tables for (rule, reason), text in english.items()
    }
    return Templates({**by_reason, **MESSAGES}, _known)
