"""What each target's real program understood of a design, one module a target."""
