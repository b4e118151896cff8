"""The Trademark Office: its desk, certificate authority, addresses, bindings, sessions, outbox, audit and HTTP app."""
