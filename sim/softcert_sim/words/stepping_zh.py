"""What step mode says, in Chinese. Commands are the same in every language."""

STEPPING: dict[str, str] = {
    "prompt": "{at}/{count}> ",
    "prompt guess": "{at}/{count} 预测> ",
    "which": "哪一个？1到{count}：",
    "interrupted": "位置没有变化。用 quit 或 Ctrl-D 结束。",
    "given": "起点：{given}。",
    "opening": "共{count}步。按回车演示下一步；help 列出其他命令。",
    "next": "下一步",
    "at beginning": "这里是起点：还没有演示任何一步。",
    "back": "第{number}步已撤销：世界回到了它之前的样子。",
    "cannot go back": "这个世界使用真实的套接字，无法退回：只能向前，也不能预测。",
    "jump how": "jump N、jump refusal（第一次拒绝）、jump end，或标题的一部分：",
    "no such place": "没有{where}这个位置：请给出1到{count}的数字、refusal、end，或标题的一部分。",
    "red": "场景到此结束，与作者所说不同。{differs}仍可查看，也可退回。",
    "end": "结束：{said}",
    "unknown command": "没有{word}这个命令。{meant}help 列出所有命令。",
    "unknown place": "这里没有{place}。{meant}",
    "meant": "是不是{close}？",
    "look how": "look 之后可以写：{places}。",
    "no such mail": "没有第{number}封邮件。",
    "nobody knows": "还没有人知道任何事情。",
    "nobody knows that": "没有人知道{what}（应是一个人，或pin、activation-code等）。",
    "predict how": "predict on 或 predict off。",
    "predict on": "每次作出决定之前，会先问您结果如何。",
    "predict off": "不再提问。",
    "question": "结果会怎样？请回答字母或数字；按回车则不预测而直接显示。",
    "refused by": "依据{rule}拒绝",
    "stopped": "被协议、机器或线路阻止",
    "right": "正确。",
    "other-rule": "的确是拒绝，但请看依据哪条规则。",
    "wrong": "不对。",
    "score": "得分：{asked}次中答对{right}次{half}。",
    "half": "，另有{half}次是拒绝但规则不同",
    "no score": "还没有预测过。",
    "rule how": "rule 之后写规则名，例如 rule one-time-link。{meant}",
    "help": """\
回车、next N     演示下一步，或N步                  back         撤销上一步
jump 位置        数字、标题的一部分、refusal或end   list         所有步骤，以及现在的位置
look 对象        电脑、移动存储、人、inbox、        again        再讲一遍上一步
                 office或audit                      mail N       阅读一封邮件
predict on|off   先预测每个结果                     score        答对了多少
rule 名称        一条规则的内容                     who 内容     谁知道什么
quit             或Ctrl-D结束""",
}
