"""What the register proves about itself."""
