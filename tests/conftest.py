"""Shared fixtures. Tests import their helpers (`keys`, `git_repos`, `reports`, `tools`) from this folder."""
