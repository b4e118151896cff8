"""What the product's loggers say: one more place where no secret may stand.

Loggers are a process's and not a world's, and so is `HEARD`. It speaks of the world that acts, since the worlds of a
process act one after the other; its lines are in no snapshot, and a world that is put back has heard nothing.
"""

import logging


class Heard(logging.Handler):
    """What the product's loggers said since `forget`."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, its traceback included."""
        self.lines.append(self.format(record))

    def forget(self) -> None:
        """Another world begins."""
        self.lines.clear()


HEARD = Heard()
for _name in ("softcert", "softcert_ca", "softcert_mailbox"):
    logging.getLogger(_name).addHandler(HEARD)
