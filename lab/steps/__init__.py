"""The steps of a run, each kept in the run folder and reused when nothing that it depends on has changed.

bench       what all steps work with: config, data, models, run folder
retrieval   index, retrieve
tuning      train-A, train-B
fitting     embed-questions, fit-<method>: the methods that the encoder answers
asking      limits, few-shot, answer-<method>
options     options: the likeliest labels, once all answers are given
scoring     score
"""
