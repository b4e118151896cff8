"""The rules room: every decision of the process, as pure functions over plain facts.

Read it in this order, it takes ten minutes:

1. `catalogue`  the 28 clauses of the source and the 23 rules read out of them
2. `policy`     what the source leaves open, each a named assumption with a default
3. `lifecycles` what an application, address, certificate, binding, session and backup can become
4. `facts`      what a decision may look at
5. `checks`     for each act one literal, numbered list; the first check that fails names the rule

Laws of the room: plain standard-library values in, a `Verdict` out; no clock, no randomness, no input or output. The
office and the driver each bring their own facts and decide for themselves.
"""
