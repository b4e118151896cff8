"""Why an act was refused or allowed, in Chinese; slots and entries are those of `why_en`."""

from softcert.rules.checks import FORM_FIELDS

_IDS = "4项硬件标识中有{ids_matching}项与原来一致"
_BOUND = f"{{device:computer}}是证书所绑定的电脑（{_IDS}）"
_OPENED = f"{{device:computer}}是打开该会话的电脑（{_IDS}）"
_CERTIFICATE = "证书由商标局签发，未被吊销，有效期至{not_after:time}"
_TRIES = "此前已输错{tries}次，上限为{activation_tries}次"
_LOCKED = "激活码已输错{tries}次，上限为{activation_tries}次"
_IDS_REFUSED = "4项硬件标识中只有{ids_matching}项与原来一致，至少须有{same_computer}项"
_NO_SESSION = "没有这个会话"
_ENDED = "会话已经结束，最晚可持续到{session_expires:time}"
_OWN_SESSION = (
    "提出请求的是{device:computer}，而打开会话的是{session_device:computer}，证书绑定的是{bound_devices:computer}"
)
_APPLIED_ON = "提出请求的是{device:computer}，而提交申请的电脑是{applied_on:computer}"

REFUSED: dict[str, str] = {
    "no-e-licence/holder": "申请人持有电子营业执照",
    "confirm-computer/said-no": "对于“是否使用这台电脑”，回答是“否”",
    "confirm-computer/not-confirmed": "没有人确认要使用这台电脑",
    "confirm-computer/forged": "申请中的确认不是真的",
    "confirm-computer/other-computer": "提交申请的是{device:computer}，而经过确认的是{confirmed_by:computer}",
    "driver-first/missing": "没有驱动来做这件事",
    "driver-first/unsigned": "安装包没有商标局的驱动签名",
    "driver-first/altered": "驱动与商标局签名的内容不是逐字节一致",
    "driver-first/older": "版本{version:version}低于这里安装过的版本{newest_seen:version}",
    "driver-first/outdated": "驱动版本是{driver_version:version}，而要求的版本是{driver_needed:version}",
    "read-notice/not-read": "没有阅读过商标局的任何须知",
    "read-notice/other-notice": "阅读的是另一份须知，即电子营业执照持有人的须知",
    "read-notice/changed": "在阅读之后，商标局又发布了新的须知",
    "read-notice/not-from-register-now": "须知是从{notice_from:word}打开的，而不是从“立即注册”打开的",
    "read-notice/not-to-the-end": "须知没有读到末尾",
    "read-notice/not-accepted": "没有同意须知",
    **{f"form-checked/{field}": "申请表中填写不合格的项目：{bad_fields:fields}" for field in FORM_FIELDS},
    "form-checked/not-reviewed": "提交之前没有核对申请表",
    "approved-only/undecided": "申请的状态是“{application:word}”，审查员尚未作出决定",
    "approved-only/disapproved": "审查员对该申请不予注册",
    "approved-only/withdrawn": "申请已经撤回",
    "approved-only/revoked": "该申请的证书已被吊销",
    "unique-address/unknown": "商标局从未发送过这个地址",
    "one-time-link/used": "{address_used_by:visitor}已于{address_used_at:time}使用过这个地址",
    "one-time-link/replaced": "这个地址是{address_sent_at:time}发送的，此后又发送了新的地址",
    "one-time-link/expired": "现在是{now:time}，而地址的有效期至{address_expires:time}",
    "same-computer-download/other-computer": _APPLIED_ON,
    "same-computer-download/other-hardware": _IDS_REFUSED,
    "same-computer-download/no-key": "请求没有用申请时生成的密钥签名",
    "change-initial-pin/initial": "证书仍在使用初始PIN码",
    "change-initial-pin/same-as-initial": "新PIN码就是初始PIN码",
    "change-initial-pin/too-short": "新PIN码太短",
    "change-initial-pin/too-long": "新PIN码太长",
    "change-initial-pin/characters": "新PIN码含有可打印ASCII以外的字符",
    "change-initial-pin/repeated": "新PIN码只是一个字符的重复",
    "change-initial-pin/running": "新PIN码的字符是连续递增或递减的",
    "pin-guards-key/wrong-pin": "这个PIN码打不开密钥；锁定前还可尝试{tries_left}次",
    "pin-guards-key/locked": "PIN码输错次数过多，安全元件已锁定",
    "pin-guards-key/old-keystore": "安全元件不认这份封存的密钥：它是旧的副本，或来自另一台电脑",
    "activate-first/no-session": _NO_SESSION,
    "activate-first/session-ended": _ENDED,
    "activate-first/already-active": "证书的状态是“{certificate:word}”，不在等待激活",
    "activate-first/locked": _LOCKED,
    "activate-first/no-reissue": "商标局没有给予新的激活码",
    "activate-first/wrong-code": f"激活码不是这张证书的激活码；{_TRIES}",
    "business-after-activation/no-session": _NO_SESSION,
    "business-after-activation/session-ended": _ENDED,
    "business-after-activation/not-activated": "证书的状态是“{certificate:word}”，从未激活",
    "business-after-activation/other-certificate": "提交的业务是用另一张证书签名的，而不是登录所用的证书",
    "same-computer-use/too-few-ids": "电脑的4项硬件标识中只报告了{ids_present}项，至少须有{same_computer}项",
    "same-computer-use/other-computer": "提出请求的是{device:computer}，而证书绑定的是{bound_devices:computer}",
    "withdraw same-computer-use/other-computer": _APPLIED_ON,
    "new-code same-computer-use/other-computer": "提出请求的是{device:computer}，而新激活码显示在{bound_devices:computer}上",
    "activate same-computer-use/other-computer": _OWN_SESSION,
    "file same-computer-use/other-computer": _OWN_SESSION,
    "same-computer-use/other-hardware": _IDS_REFUSED,
    "backup-to-removable/no-drive": "没有插入这个设备",
    "backup-to-removable/not-removable": "{drive:word}不是移动存储设备",
    "backup-to-removable/leaves-the-drive": "该文件夹是通往设备之外的链接",
    "backup-sealed/weak-password": "密码有{password_length}个字符，至少须有{backup_password}个",
    "backup-sealed/altered": "备份与商标局登记的内容不一致",
    "backup-sealed/foreign": "备份的清单没有商标局的签名",
    "backup-sealed/newer-format": "备份是由更新版本的驱动制作的",
    "backup-sealed/unregistered": "商标局没有登记过这张证书的这份备份",
    "backup-sealed/wrong-password": "密码打不开备份",
    "recover-from-removable/no-drive": "没有插入这个设备",
    "recover-from-removable/not-removable": "{drive:word}不是移动存储设备",
    "recover-from-removable/no-backup": "设备上没有这份备份",
    "recover-from-removable/locked": _LOCKED,
    "recover-from-removable/wrong-proof": f"激活码不是目前有效的激活码；{_TRIES}",
    "one-computer/retired": "证书已从{device:computer}移走，自{bound_at:time}起绑定{bound_devices:computer}",
    "one-computer/spent": "这份备份已用于恢复，证书自{bound_at:time}起绑定{bound_devices:computer}",
    "one-computer/old-generation": "备份的状态是“{backup:word}”，属于第{backup_generation}代，而证书属于第{generation}代",
    "valid-certificate/no-certificate": "这里没有证书，或者有多张证书而未指明是哪一张",
    "valid-certificate/wrong-issuer": "这张证书不是商标局签发的那一张",
    "valid-certificate/wrong-usage": "证书不是用于登录的证书",
    "valid-certificate/not-yet-valid": "现在是{now:time}，而证书自{not_before:time}起有效",
    "valid-certificate/expired": "现在是{now:time}，而证书的有效期至{not_after:time}",
    "valid-certificate/revoked": "证书已于{revoked_at:time}被吊销",
}  # fmt: skip

_DRIVER = {"driver-first": "驱动与商标局签名的内容一致"}
_VERSION = {"driver-first": "驱动版本是{driver_version:version}（要求{driver_needed:version}）"}
_PIN = {
    "change-initial-pin": "PIN码不是初始PIN码",
    "pin-guards-key": "PIN码打开了密钥",
    "valid-certificate": "证书在这台电脑上",
}
_NEW_PIN = {"change-initial-pin": "新PIN码符合PIN码规则"}

ALLOWED: dict[str, dict[str, str]] = {
    "driver install": {"driver-first": "驱动有商标局的签名，版本{version:version}不低于以前安装过的版本"},
    "driver use-driver": _DRIVER,
    "driver apply": {**_DRIVER, "form-checked": "申请表填写合格，并经过核对"},
    "driver change-pin": {
        **_DRIVER, **_NEW_PIN, "pin-guards-key": "原PIN码打开了密钥", "valid-certificate": "证书在这台电脑上",
    },
    "driver use-key": {**_DRIVER, **_PIN},
    "driver backup": {
        **_DRIVER, **_PIN, "backup-to-removable": "{drive:word}是移动存储设备",
        "backup-sealed": "密码有{password_length}个字符，至少须有{backup_password}个",
    },
    "driver recover": {
        **_DRIVER, **_NEW_PIN, "recover-from-removable": "{drive:word}上有备份",
        "backup-sealed": "备份与商标局登记的内容一致，并且这个密码能打开它",
    },
    "office confirm": {"confirm-computer": "对该问题的回答是“是”"},
    "office apply": {
        "no-e-licence": "申请人没有电子营业执照",
        "confirm-computer": "已确认使用{device:computer}",
        **_VERSION,
        "read-notice": "现行须知已读到末尾并已同意",
        "form-checked": "申请表填写合格，并经过核对",
        "same-computer-use": "电脑的4项硬件标识中报告了{ids_present}项",
    },
    "office withdraw": {"same-computer-use": "{device:computer}是提交申请的电脑"},
    "office download": {
        **_VERSION,
        "approved-only": "申请的状态是“{application:word}”",
        "unique-address": "地址是商标局发送的",
        "one-time-link": "地址的状态是“{address:word}”，有效期至{address_expires:time}",
        "same-computer-download": f"{{device:computer}}是提交申请的电脑（{_IDS}）",
    },
    "office use-certificate": {
        **_VERSION,
        "same-computer-use": _BOUND,
        "one-computer": "证书没有从这台电脑移走",
        "valid-certificate": _CERTIFICATE,
    },
    "office activate": {
        "activate-first": "会话的状态是“{session:word}”，激活码正确（此前输错{tries}次）",
        "same-computer-use": _OPENED,
        "valid-certificate": _CERTIFICATE,
    },
    "office new-code": {
        "same-computer-use": f"新的激活码在{{device:computer}}上显示（{_IDS}）",
        "approved-only": "申请的状态是“{application:word}”",
        "activate-first": "商标局已给予新的激活码",
    },
    "office file": {
        "business-after-activation": "会话的状态是“{session:word}”，提交的业务由该会话的证书签名，证书的状态是“{certificate:word}”",
        "same-computer-use": _OPENED,
        "valid-certificate": _CERTIFICATE,
    },
    "office recover": {
        **_VERSION,
        "same-computer-use": "电脑的4项硬件标识中报告了{ids_present}项",
        "backup-sealed": "备份已在商标局登记",
        "one-computer": "备份未曾使用，并与证书同属第{generation}代",
        "valid-certificate": _CERTIFICATE,
        "recover-from-removable": "已出示所要求的证明：{recovery_proof:word}",
    },
}  # fmt: skip

VALUES: dict[str, dict[str, str]] = {
    "application": {
        "none": "不存在", "unknown": "未知", "submitted": "已提交", "approved": "已核准", "disapproved": "不予注册",
        "withdrawn": "已撤回", "certified": "已发证", "revoked": "已吊销",
    },
    "address": {"unknown": "未知", "live": "有效", "used": "已使用", "replaced": "已被替换"},
    "session": {"none": "不存在", "live": "有效", "ended": "已结束"},
    "certificate": {"none": "不存在", "issued": "已签发", "active": "已激活", "revoked": "已吊销"},
    "backup": {"unknown": "未知", "registered": "未使用", "spent": "已使用", "retired": "已作废"},
    "drive": {
        "none": "没有设备", "flash-drive": "U盘", "removable-disk": "移动硬盘", "system-disk": "电脑自身的硬盘",
        "network-share": "网络共享",
    },
    "notice_from": {"register-now": "“立即注册”", "bookmark": "书签", "": "别处"},
    "recovery_proof": {"activation-code": "激活码", "none": "无"},
}  # fmt: skip
