"""The methods: what each may see, how its prompt is built, how its adapter is tuned, how it answers.

registry    what differs between the methods, one line each
prompts     every prompt, one builder for all methods; the parser of answers
contexts    which passages a prompt holds
examples    questions to training examples: closed-book and RAFT
generator   the base model with its adapters, batched greedy generation
options     which label the generator finds likeliest, after the same prompts
generations what was generated, on disk, so that a killed run goes on
finetune    the one training path
few_shot    choosing 0 or 3 worked examples on dev
answerer    queries in, answers out
encoder_methods  labels from the encoder's vectors, without a language model
classifiers a vote of the nearest examples, and logistic regression
"""
