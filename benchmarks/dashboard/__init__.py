"""What the dashboard costs over a million voters: pages, counts, fifty people at once (benchmarks/README.md)."""
