"""What the canonical voter-response mart costs: built from scratch, and for 100,000 more responses."""
