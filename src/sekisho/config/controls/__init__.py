"""What the platform proves about its own installation. Each looks at it as it stands, and changes nothing."""
