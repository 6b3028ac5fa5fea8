"""Lists of voters that leave the dashboard: counted, announced, written and streamed."""
