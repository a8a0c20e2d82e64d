"""Statistics for questions that share documents: clustered, never NaN. Knows arrays, no methods and no metrics."""
