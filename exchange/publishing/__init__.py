"""From the internal `sharing` tables to what partners read: partitions, views, logins, and one transaction per publication."""
