"""What people see of the lab in a terminal, in a pipe and in run.log.

console     the rich console, and text that it leaves as it is
escapes     what in foreign text must never reach a terminal
board       step events -> the state of every step, with rates (pure)
forecast    a board -> when the whole run will end (pure)
panel       a board -> lines that fit the screen (pure)
live        the panel, drawn again and again, also in a window that changes
plain       step events -> one line each, progress now and then; run.log
json_lines  step events -> one JSON object each, for programs
records     what libraries log, warn of and print, led past the panel
stopping    Ctrl-C that loses nothing
gauge       memory at this moment
watch       which of these a run uses
results     a finished run: methods, recommendation, where the report lies
decision    a run decided anew
comparison  several runs side by side
checkup     what `lab check` found
ending      exit codes, and one message for each mistake
mistakes    errors, and what to do about them
examples    the end of each command's help
completion  keys for the shell to complete
"""
