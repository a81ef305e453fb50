"""What not to report, and why. Every stage gives a reason; nothing disappears without one."""
