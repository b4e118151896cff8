"""Saboteurs: each breaks one rule of the product on purpose, from outside of it, to see who notices.

`hand` replaces functions, checks, constants and statements for the time of a run, and puts everything back. `gates` and
`duties` declare the saboteurs, `detectors` lists those who look, `trial` sends each saboteur past each detector, `table`
tells what came of it, and `lesson` shows one broken rule in one scenario to a class.

Laws: nothing in softcert, softcert_ca or softcert_mailbox knows of this; a saboteur whose target is gone is an error and
never a silent no-op; nothing that was built under sabotage is used without it.
"""
