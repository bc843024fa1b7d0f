"""The certificate that browsers are shown: Caddy's own authority, or the facility's files."""
