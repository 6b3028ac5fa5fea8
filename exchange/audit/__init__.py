"""Who read what, and who changed what others may read: `ops.access_log` and `ops.audit`."""
