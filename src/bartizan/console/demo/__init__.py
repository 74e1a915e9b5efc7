"""`bartizan demo`: a guided tour with a vulnerable shop and Bartizan in front of it."""
