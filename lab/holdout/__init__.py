"""Divide questions into train, dev and test, and say what training could know of the test.

order       seeded hashes and the order of ids: where a side comes from
likeness    when two questions are equal, near-duplicates, or about the same fact
components  questions that must stand on one side
wording     one wording of a fact is tested, its others are trained
divide      questions -> Holdout
leaks       test questions that also stand in training
parity      share of the tested facts that training was shown
power       smallest difference that the test can show
"""
