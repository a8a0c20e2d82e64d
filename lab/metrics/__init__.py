"""Score each answer, compare methods on the same questions, measure retrieval."""
