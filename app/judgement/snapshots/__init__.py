"""Published judgements, whatever they judge: one publisher, shown all at once, never changed.

Scorecards and the risk index store theirs through this. Knows no score and no index.
"""
