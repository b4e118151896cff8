"""An SMTP inbox for tests: receives, keeps, searches, waits, and misbehaves on request."""
