"""The Postgres an exchange lives in: the embedded server, connections by role, the bootstrap, and accounts."""
