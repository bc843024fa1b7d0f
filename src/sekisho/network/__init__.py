"""Looking at endpoints and links as they really are: TLS, exposure, clocks, configurations."""
