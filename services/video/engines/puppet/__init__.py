"""Default video engine: a face mesh moved by visemes, on the CPU and without weights.

Its rooms are layers, each of which imports only those after it: `engine`; `prompt` and `quality`; `motion`
and `rig`; `head`, `mouth`, `eyes` and `portrait`; `frames`; `geometry`.
"""
