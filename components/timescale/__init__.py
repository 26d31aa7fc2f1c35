"""The time-series instance: the PostgreSQL components with other arguments."""
