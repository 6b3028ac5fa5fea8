"""The web application: what a partner may see, as pages. It reads the database as that partner."""
