"""Statistics for questions that share documents: clustered, never NaN. Knows arrays, no methods and no metrics.

sample        values of the same questions under one or more training runs
clustered     means with the error of documents and of training runs; estimates for tables
resampling    sign flips and the bootstrap, by cluster, for many contrasts at once
significance  t, equivalence, McNemar, and the correction for many contrasts
power         the smallest difference that can be shown, and how many more questions would show a smaller one
effects       effect sizes of one method against another
"""
