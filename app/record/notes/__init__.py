"""What the user should be told: errors in plain words, and findings in what the run shows."""
