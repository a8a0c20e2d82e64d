"""Finished runs side by side: the same questions matched by id, every method of one run against that of another.

    runs        read the folders; a damaged one is refused with one message
    matching    which questions all runs asked with the same words and the same gold answers
    obstacles   what makes runs not comparable: another engine, test set, metric or margin
    merging     one scores table of all runs, training runs paired
    changes     what differs between their settings, machines and costs
    flips       questions that one run got right and the other wrong
    together    the comparison of all that
    page        the comparison as the nouns of a report; `finding` says it in words, `tables` shows it
    write       compare.html, compare.md and the charts

It reads results.json, questions.jsonl, scores.jsonl and answers.jsonl alone, so runs of other people on other machines
can be compared as one's own.
"""
