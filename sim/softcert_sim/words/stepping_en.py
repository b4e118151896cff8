"""What step mode says, in English. Commands are the same in every language."""

STEPPING: dict[str, str] = {
    "prompt": "{at}/{count}> ",
    "prompt guess": "{at}/{count} guess> ",
    "which": "Which one? 1 to {count}: ",
    "interrupted": "The place is as it was. quit or Ctrl-D ends.",
    "given": "Given: {given}.",
    "opening": "{count} steps. Enter plays the next one; help lists what else you can do.",
    "next": "next",
    "at beginning": "This is the beginning: nothing was played yet.",
    "back": "Step {number} is undone: the world is what it was before it.",
    "cannot go back": "This is a world of real sockets, which cannot be taken back: only forwards, without predict.",
    "jump how": "jump N, jump refusal (the first), jump end, or a part of a heading:",
    "no such place": "There is no place {where}: say a number from 1 to {count}, refusal, end, or a part of a heading.",
    "red": "Here the scenario ends, otherwise than its author says. {differs} You can still look, and go back.",
    "end": "The end: {said}",
    "unknown command": "There is no command {word}.{meant} help lists them.",
    "unknown place": "There is no {place} here.{meant}",
    "meant": " Did you mean {close}?",
    "look how": "look at one of: {places}.",
    "no such mail": "There is no mail {number}.",
    "nobody knows": "Nobody knows anything yet.",
    "nobody knows that": "Nobody knows {what}, which is a person or such as pin or activation-code.",
    "predict how": "predict on, or predict off.",
    "predict on": "Before each decision you are asked what will come of it.",
    "predict off": "Nothing is asked any more.",
    "question": "What will come of it? Say a letter or a number; Enter shows it without a guess.",
    "refused by": "refused by {rule}",
    "stopped": "stopped by protocol, machine or line",
    "right": "Right.",
    "other-rule": "Refused, yes; but look by which rule.",
    "wrong": "No.",
    "score": "Score: {right} of {asked} right{half}.",
    "half": ", {half} refused by another rule",
    "no score": "Nothing was guessed yet.",
    "rule how": "rule and its name, such as rule one-time-link.{meant} list and look show which ones come up.",
    "help": """\
Enter, next N    play the next step, or N           back         undo the last step
jump WHERE       to a number, a part of a heading,  list         all steps, and where you are
                 refusal or end                     again        tell the last step again
look WHAT        at a computer, drive, person,      mail N       read a mail
                 inbox, office or audit             who WHAT     who knows what, all or one
predict on|off   guess each outcome first           score        how many were right
rule NAME        what a rule says                   quit         or Ctrl-D""",
}
