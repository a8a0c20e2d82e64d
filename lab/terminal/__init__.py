"""What people see of the lab in a terminal, in a pipe and in run.log.

console    the rich console, and text that it leaves as it is
board      step events -> the state of every step, with rates (pure)
plain      step events -> one line each, progress now and then; run.log
live       a board as a table that is drawn again and again
watch      which of these a run uses
results    a finished run: methods, recommendation, where the report lies
checkup    what `lab check` found
"""
