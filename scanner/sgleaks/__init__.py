"""sgleaks finds leaked SendGrid credentials and SendGrid misconfiguration in repositories."""

__version__ = "0.1.0"
