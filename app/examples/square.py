"""x * x: one leaf, two edges.

Chapter: graph

The leaf enters the product twice, so two edges lead back to it. Each carries dy·x, and their sum is the 2x of
the textbook.
"""

x = torch.tensor(3., requires_grad=True)
y = x * x           #: two edges from x
y.backward()        #: 3 along one edge, 3 along the other: 6
