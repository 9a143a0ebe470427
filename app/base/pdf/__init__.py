"""Data to PDF: frozen contents through strict templates, in watched child processes.

`renderer.Renderer` is the door. WeasyPrint is loaded in the children only, so that a process
that merely knows how to print starts fast. Nothing here reads a database, the network or the
clock: the same content gives the same bytes.
"""
