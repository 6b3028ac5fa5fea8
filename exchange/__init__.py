"""The exchange in plain Python: settings, warehouse, registry, intake, publishing, demo, diagnosis, command line.

Nothing here imports Dagster; `orchestration` imports this package, never the other way round.
"""
