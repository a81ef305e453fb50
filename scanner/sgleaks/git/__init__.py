"""The only place that runs git: always hardened, for a repository may be somebody else's."""
