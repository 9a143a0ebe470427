"""What keeps a register alive: actions, acceptances, suggestions, reviews, the other side."""
