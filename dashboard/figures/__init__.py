"""The numbers of the overview and of coverage: few counts over `explorer`, kept as long as its rows stay the same."""
