"""The Postgres an exchange lives in: the embedded server, connections by role, and the bootstrap."""
