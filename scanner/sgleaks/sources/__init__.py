"""Where bytes come from. A source yields blobs, and skips for what it could not give; it knows nothing of rules."""
