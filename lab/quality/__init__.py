"""What is wrong with data, before money is spent on them: the data card and its checks."""
