"""What the office's mails say, in Chinese: a reading aid for those who look at a world. The mails themselves are English."""

from softcert_sim.words.templates import Templates

MAILS: dict[str, str] = {
    # Subjects
    "Your registration was successful: download your soft certificate (软证书)": "您已注册成功：请下载软证书",
    "A new download address for your soft certificate (软证书)": "您的软证书有新的下载地址",
    "Disapproval of your application for a soft certificate (不予注册)": "对您的软证书申请不予注册",
    "A new activation code (激活码) was granted to you": "已给您新的激活码",
    "Your soft certificate (软证书) was moved to another computer": "您的软证书已移到另一台电脑",
    "Your soft certificate (软证书) was recovered from a backup": "您的软证书已从备份恢复",
    "Your soft certificate (软证书) was revoked": "您的软证书已被吊销",
    # Paragraphs
    "Dear {name},": "{name}：",
    "The Trademark Office has approved your application {application} for a soft certificate (软证书).": "商标局已核准您的软证书申请"
    "{application}。",
    "This is your own download address:": "这是您专用的下载地址：",
    "Give this address to the certificate assistant (证书助手) on the computer on which you applied. No other computer can "
    "download the certificate. Opening the address in a browser does no harm and downloads nothing.": "请在提交申请的电脑上把"
    "这个地址交给证书助手。其他电脑都不能下载证书。在浏览器中打开这个地址没有害处，也不会下载任何东西。",
    "The address is valid until {time} and for one download. Once downloaded, it is invalid.": "这个地址的有效期至{time}，只能下载"
    "一次；一经下载即失效。",
    "The initial PIN code is 12345678: you must change it before you log in. At your first login you need the activation code "
    "(激活码) that was shown to you when you applied. The Trademark Office never asks you for it by mail.": "初始PIN码为12345678："
    "登录之前必须修改。首次登录时需要您申请时看到的激活码。商标局绝不会通过邮件向您索要激活码。",
    "The Trademark Office gives you a new download address for application {application}. Every older address is invalid from "
    "now on.": "商标局为申请{application}给您一个新的下载地址。所有旧地址从现在起失效。",
    "The Trademark Office has disapproved (不予注册) your application {application} for a soft certificate (软证书), for these "
    "reasons:": "商标局对您的软证书申请{application}不予注册，理由如下：",
    "You can correct your information and apply (申请) again on the homepage of the Trademark Online Service System "
    '(商标网上服务系统), under "Register Now" (立即注册). You will get a new activation code (激活码); the old one is of no further '
    "use.": "您可以更正资料，在商标网上服务系统首页点击“立即注册”重新申请。您将得到新的激活码，旧的激活码不再有用。",
    "The Trademark Office has granted you a new activation code (激活码) for your soft certificate (软证书), application "
    "{application}. Your old code is of no further use.": "商标局已为您的软证书（申请{application}）给您新的激活码。旧的激活码不再有用。",
    "For your safety the new one is not in this mail. Ask for it with the certificate assistant (证书助手) on the computer on "
    "which you applied, or to which your certificate is bound: it will be shown there, once. Write it down and never disclose "
    "it.": "为了您的安全，新的激活码不在这封邮件中。请在提交申请的电脑上，或证书绑定的电脑上，用证书助手领取：它将在那里显示一次。"
    "请记下，切勿泄露。",
    "If you did not ask for a new code, tell the Trademark Office at once.": "如果您没有索取新的激活码，请立即告知商标局。",
    "On {time} your soft certificate {serial} was recovered (软证书恢复) from a backup on another computer. The computer used "
    "before can no longer use it; its sessions and the older backups (软证书备份) are void.": "您的软证书{serial}已于{time}在另一台"
    "电脑上用备份恢复。以前使用的电脑不能再使用它；它的会话和更早的备份均已作废。",
    "On {time} your soft certificate {serial} was recovered (软证书恢复) from a backup (软证书备份). That backup cannot be used "
    "again: make a new one.": "您的软证书{serial}已于{time}用备份恢复。该备份不能再次使用，请重新备份。",
    "If this was not you, tell the Trademark Office at once and ask it to revoke the certificate: somebody has your backup, its "
    "password and your activation code (激活码).": "如果不是您本人操作，请立即告知商标局并请求吊销证书：有人持有您的备份、其密码和您的激活码。",
    "The Trademark Office has revoked your soft certificate {serial}. It can no longer be used. The reason:": "商标局已吊销您的"
    "软证书{serial}。它不能再使用。理由：",
    'To get another one, apply (申请) again on the homepage, under "Register Now" (立即注册).': "如需新的软证书，请在首页点击“立即注册”"
    "重新申请。",
}
"""Subjects and paragraphs; an address and an examiner's words stay as they are."""

_TEMPLATES = Templates(MAILS, lambda value: None)


def mails(text: str) -> str:
    """A subject or a whole mail in Chinese; empty where nothing of it is the office's."""
    parts = text.strip().split("\n\n")
    known = [_TEMPLATES.said(part) for part in parts]
    return "\n\n".join(said or part for said, part in zip(known, parts, strict=True)) if any(known) else ""
