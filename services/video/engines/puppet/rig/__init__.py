"""Portrait put together with its moving parts."""
