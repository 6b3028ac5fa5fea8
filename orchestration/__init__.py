"""Dagster only, and thin: which steps a refresh has, in which order, and what gates what. The work is in `exchange`.

definitions   what Dagster loads            jobs         the refresh job, its schedule and sensor
feeds         one asset per feed            resources    what steps share: settings, the lock of a run
plausibility  Great Expectations checks     environment  folders and variables of every Dagster process
dbt, manifest the dbt assets                refresh      one refresh in this process, for `exchange refresh`
matching      voters, identities, matches   launch       becomes the webserver or the daemon, for `exchange up`
matching_*    its checks, its pages         progress     what a person sees of a run
publish       the published views           pictures     PNGs in the pages of assets
"""
