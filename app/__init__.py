"""Mainstay: supplier risk and relationship management. A house with floors.

`faces` show what `reviews` put on the table, from what `judgement` makes of the
`facts`; all of them stand on `platform`, `base` and, at the bottom, the pure
calculation library `calc`. A floor may use the floors below it, never one above.
This package imports nothing, so that `import app.calc` loads no framework.
"""
