"""Saboteurs of the duties: nothing is refused by them, so that invariants must notice."""

# What stands in place of a function takes whatever that takes.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from dataclasses import replace
from typing import Any

from softcert.disk import replace as write_file
from softcert.rules.verdict import Verdict
from softcert_ca import codes
from softcert_ca.case import Answer, Case
from softcert_sim.sabotage.hand import Hand
from softcert_sim.sabotage.moves import without_column
from softcert_sim.sabotage.saboteur import saboteur

# --- code-once --------------------------------------------------------------------------------------------------------


@saboteur("code-once", "not persisted", "The office does not write down that a re-issued code was shown.")
def code_shown_again(hand: Hand) -> None:
    without_column(hand, "code_granted")


@saboteur("code-once", "wrong scope", "Every application gets the same activation code.")
def one_code_for_all(hand: Hand) -> None:
    hand.wrap(
        "softcert_ca.tokens.activation_code", lambda make, key, application, salt, *rest: make(key, "", "", *rest)
    )
    hand.wrap("softcert_ca.codes.new_salt", lambda new, services, connection, application: application[:16])


@saboteur("code-once", "not forgotten", "An answer that shows a code is given again after its receipt was acknowledged.")
def acknowledged_codes_again(hand: Hand) -> None:
    hand.wrap("softcert_ca.repeats.acknowledge", lambda forget, connection, device, act, number: None)


@saboteur("code-once", "not atomic", "A repeated answer shows a fresh code instead of the one that was made.")
def fresh_code_at_each_repeat(hand: Hand) -> None:
    def again(look: Any, case: Case, request: Any) -> Answer | None:
        answer = look(case, request)
        if answer is None or not answer.code_salt:
            return answer
        return replace(answer, code_salt=codes.new_salt(case.services, case.connection, answer.application))

    hand.wrap("softcert_ca.repeats.answered_before", again)


# --- code-secret ------------------------------------------------------------------------------------------------------


@saboteur("code-secret", "leaked", "The driver writes the activation code into a log on the disk.")
def code_in_the_drivers_log(hand: Hand) -> None:
    def apply(submit: Any, driver: Any, *given: Any, **named: Any) -> Any:
        submitted = submit(driver, *given, **named)
        write_file(driver.computer.disk, "softcert/log.txt", f"got {submitted.activation_code}".encode())
        return submitted

    hand.wrap("softcert.applying.Applying.apply", apply)


@saboteur(
    "code-secret", "leaked", "The office keeps the activation code in its audit log."
)
def code_in_the_audit_log(hand: Hand) -> None:
    def keep(store: Any, case: Case, request: Any, answer: Answer) -> None:
        if answer.code_salt:
            case.note({"shown": codes.code_of(case.services, answer.application, answer.code_salt)})
        store(case, request, answer)

    hand.wrap("softcert_ca.repeats.keep", keep)


@saboteur("code-secret", "not forgotten", "The code that the owner types is stored with the request, to be sent again.")
def typed_code_kept(hand: Hand) -> None:
    def ask(send: Any, driver: Any, target: str, held: Any, make: Any, *, secret: Any = None, **named: Any) -> Any:
        def with_secret() -> Any:
            made = make()
            return replace(made, content={**made.content, **(secret or {})})

        return send(driver, target, held, with_secret, secret=secret, **named)

    hand.wrap("softcert.acting.Acting._ask", ask)


@saboteur("code-secret", "leaked", "The mail about a new code holds the code, too.")
def code_in_the_mail(hand: Hand) -> None:
    def new_code(post: Any, case: Case, application: Any, purpose: str, params: Any) -> None:
        if purpose == "new-code":
            salt = hand.part("softcert_ca.records.applications.application_of")(
                case.connection, application.id
            ).code_salt
            params = {**params, "code": codes.code_of(case.services, application.id, salt)}
        post(case, application, purpose, params)

    hand.wrap("softcert_ca.letters._post", new_code)


# --- result-by-mail ---------------------------------------------------------------------------------------------------


@saboteur("result-by-mail", "done twice", "An approval is mailed twice.")
def mailed_twice(hand: Hand) -> None:
    def approval(write: Any, case: Case, application: Any) -> None:
        write(case, application)
        write(case, application)

    hand.wrap("softcert_ca.letters.approval", approval)


@saboteur("result-by-mail", "not persisted", "A disapproval is decided, and no mail tells of it.")
def disapproved_in_silence(hand: Hand) -> None:
    hand.wrap("softcert_ca.letters.disapproval", lambda write, case, application, reasons: None)


@saboteur("result-by-mail", "wrong scope", "Mails go to whoever applied last.")
def mailed_to_the_last(hand: Hand) -> None:
    def enqueue(put: Any, connection: Any, *, recipient: str, **named: Any) -> Any:
        last = hand.part("softcert_ca.records.applications.list_applications")(connection)[-1].mailbox
        return put(connection, recipient=last, **named)

    hand.wrap("softcert_ca.outbox.enqueue", enqueue)


@saboteur("result-by-mail", "not atomic", "A mail that the server put off counts as sent.", fails="check-mail")
def put_off_is_sent(hand: Hand) -> None:
    def send(hand_over: Any, mailer: Any, mail: Any, message: bytes) -> Any:
        state, error = hand_over(mailer, mail, message)
        return ("sent", error) if state == "waiting" else (state, error)

    hand.wrap("softcert_ca.outbox._send", send)


@saboteur("result-by-mail", "compared loosely", "Each try to send a mail bears a Message-ID of its own.")
def new_message_id_each_time(hand: Hand) -> None:
    hand.wrap(
        "softcert_ca.mails.render",
        lambda render, mail, *rest: render(replace(mail, message_id=f"<{mail.tries}.{mail.message_id[1:]}"), *rest),
    )


# --- accountable ------------------------------------------------------------------------------------------------------


@saboteur("accountable", "wrong scope", "What was refused is not entered into the audit log.")
def refusals_unentered(hand: Hand) -> None:
    hand.skip("softcert_ca.case.Case.write_down", lambda case: case.verdict is not None and not case.verdict.allowed)


@saboteur("accountable", "compared loosely", "Entries are not chained: each says that none came before it.")
def entries_unchained(hand: Hand) -> None:
    def end(look: Any, connection: Any) -> tuple[int, str]:
        return look(connection)[0], ""

    hand.wrap("softcert_ca.audit._end", end)


@saboteur("accountable", "not persisted", "The audit head never moves.")
def head_stands_still(hand: Hand) -> None:
    hand.wrap("softcert_ca.audit.MemoryHead.set", lambda move, head, count, digest: None)


@saboteur("accountable", "wrong reason", "The audit log names another rule than the one that refused.")
def entered_under_another_rule(hand: Hand) -> None:
    def append(enter: Any, connection: Any, head: Any, *, outcome: Any, **named: Any) -> Any:
        if isinstance(outcome, Verdict) and not outcome.allowed:
            outcome = replace(outcome, rule="form-checked", reason="name")
        return enter(connection, head, outcome=outcome, **named)

    hand.wrap("softcert_ca.audit.append", append)


@saboteur("accountable", "not atomic", "What the desk rejects is undone, and no entry is made of it afterwards.")
def rejections_unentered(hand: Hand) -> None:
    hand.wrap("softcert_ca.case.write_down_rejected", lambda *given, **named: None)


@saboteur("accountable", "one side only", "The log says who did what, and not what became of the records.")
def records_unmentioned(hand: Hand) -> None:
    def note(run: Any, case: Case, *given: Any) -> int:
        count = run(case, *given)
        case.details.pop("records", None)
        return count

    hand.wrap("softcert_ca.lives._note", note)
