"""What the scores say: comparisons, effects, gaps, slices and causes. Reads the scores table and nothing else."""
