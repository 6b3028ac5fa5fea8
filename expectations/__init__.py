"""What a plausible delivery looks like: one Great Expectations suite per file format, in a module of the format's name.

A suite judges a batch (the files of one feed that a refresh loaded), never a single row: rows that cannot be
understood are quarantined one by one in dbt staging. Importing this package does not import Great Expectations (it
takes 6 s or more); `suite()` and `run.validate()` do.
"""
