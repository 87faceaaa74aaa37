"""The engine: typed DAGs of nodes, checked, planned, cached and executed.

It knows no domain: nothing in this package imports torch, numpy, PIL or `nodes`.
Nodes import of it only `engine.node`.
"""

__version__ = "0.1.0"
