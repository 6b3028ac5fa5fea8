"""The exchange in plain Python: settings, warehouse, registry, intake, matching, publishing, demo, command line.

Nothing here imports Dagster; `orchestration` imports this package, never the other way round.
"""
