"""From the internal `sharing` tables to what partners read: partitions, views, logins; one transaction publishes."""
