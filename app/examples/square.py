"""x * x: one leaf, two edges.

Chapter: graph

The leaf enters the product twice, so two edges lead back to it. Each carries dy·x, and their sum is the 2x of
the textbook.

[y is x times x](step=1). Backward, [y sends 3 to x twice](step=3), once for each factor, and [x.grad is the
sum, 6](step=4).
"""

x = torch.tensor(3., requires_grad=True)
y = x * x           #: two edges from x
y.backward()        #: 3 along one edge, 3 along the other: 6
