"""Names of the scenario language in Chinese, in few words: of verbs and acts, preludes, and the shipped chapters."""

ACTS: dict[str, str] = {
    "visit": "打开首页", "confirm": "确认电脑", "install": "安装驱动", "uninstall": "删除驱动", "read-notice": "阅读须知",
    "fill": "填写申请表", "review": "核对", "apply": "申请", "withdraw": "撤回", "read-mail": "查看邮箱", "download": "下载",
    "change-pin": "修改PIN码", "login": "登录", "logout": "退出登录", "activate": "激活", "collect-code": "领取激活码",
    "file": "提交业务", "backup": "备份", "recover": "恢复", "open": "打开地址", "office-opens": "开始办公", "steal": "窃取", "replay": "重放",
    "send": "手工发送", "forge-jws": "伪造签名消息", "scan": "扫描邮件", "guess": "猜测", "flood": "大量提交",
    "spoof": "伪造标头", "imitate": "模仿硬件标识", "blank-ids": "报告空白标识", "forge": "伪造", "hack-driver": "改动驱动",
    "extract": "取出密钥", "alter": "改动", "approve": "核准", "disapprove": "不予注册", "examine": "查看申请",
    "reissue": "重新发放", "revoke": "吊销", "publish-notice": "发布须知", "publish-driver": "发布驱动", "restart": "重新启动",
    "backup-database": "复制数据库", "restore-database": "恢复数据库", "tamper": "改动数据库", "plug": "插入", "unplug": "拔出",
    "copy": "复制", "clone": "克隆", "replace-part": "更换部件", "reinstall": "重装系统", "snapshot-disk": "制作硬盘镜像",
    "restore-disk": "恢复硬盘镜像", "lose": "丢失", "link": "放置链接", "restart-computer": "重新开机", "wait": "等待",
    "wait-until": "等待", "set-clock": "调整时钟",
    # Acts of the driver and the office that no verb is called after
    "use-key": "使用密钥", "use-driver": "使用驱动", "use-certificate": "使用证书", "new-code": "领取激活码",
    "reissue-address": "重新发放地址", "reissue-code": "重新发放激活码", "publish-release": "发布驱动", "desk": "审查台",
}  # fmt: skip

PRELUDES: dict[str, str] = {
    "nothing": "什么也没有发生", "driver-installed": "已安装驱动", "applied": "已申请", "approved": "已核准", "downloaded": "已下载",
    "pin-changed": "已修改PIN码", "active": "已激活", "backed-up": "已备份", "moved": "已换电脑",
}  # fmt: skip

CHAPTERS: dict[str, str] = {
    "the-whole-process": "完整流程", "before-you-start": "开始之前", "applying": "申请", "the-decision": "审查决定",
    "downloading": "下载", "first-login": "首次登录", "doing-business": "办理业务",
    "replacing-the-computer": "更换电脑", "mistakes": "常见失误", "attacks": "攻击",
}  # fmt: skip
"""By the name of their folder without its number."""
