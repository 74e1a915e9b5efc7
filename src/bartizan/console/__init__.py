"""Console: the command line and what it joins. The one room that joins rooms."""
