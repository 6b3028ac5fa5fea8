"""What sharing costs: audiences computed and published, views read (benchmarks/README.md)."""
