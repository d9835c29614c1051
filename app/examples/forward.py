"""The forward pass writes the graph down.

Chapter: graph

Each operation leaves a node with its value, and an edge to each thing it was made of. Nothing is differentiated
yet, but all that backward will need is now in the picture.

[u is 0.5 × 2 = 1](step=1); [h is its tanh, 0.7616](step=2); [v takes h and turns its sign](step=3); [y adds x
again](step=4). Read backwards, the same picture says where the gradient goes: [from y](step=5) to [v](step=6), and
[at v to w2 and h](step=7), each times the other's value. [w1 is last](step=11).
"""

x = torch.tensor(2.)
w1 = torch.tensor(0.5, requires_grad=True)
w2 = torch.tensor(-1., requires_grad=True)
u = w1 * x                  #: a node with two edges in
h = torch.tanh(u)           #: its value is kept: tanh' is 1 - h²
v = w2 * h                  #: w2 and h are kept, each as the other's factor
y = v + x                   #: a sum keeps nothing
