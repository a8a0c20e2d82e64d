"""Optional judges of answers: a language model behind an OpenAI-compatible URL, and an entailment model."""
