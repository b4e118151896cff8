"""The commands of `softcert`: a module for each kind. A command imports what it needs when it runs."""
