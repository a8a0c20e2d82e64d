"""Say which method to choose, or that the data do not decide."""
