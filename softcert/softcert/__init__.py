"""The core of softcert: the rules of the soft-certificate process and the driver on the applicant's computer."""

__version__ = "0.1.0"
