"""One neuron, step by step.

Chapter: graph

Three operations forward, three local derivatives backward: each gradient is the product of the derivatives
along its path.

Forward, [u is 6](step=1), [v is 7](step=2) and [a is 7](step=3). The backward pass [starts at a with
1](step=4). [relu passes 1 on to v](step=5), because v is positive. [The sum v copies it to u and b](step=6),
so [b.grad becomes 1](step=7). [The product u multiplies it by x = 3](step=8), and [w.grad becomes 3](step=9).
"""

x = torch.tensor(3.)
w = torch.tensor(2., requires_grad=True)
b = torch.tensor(1., requires_grad=True)
u = w * x
v = u + b
a = torch.relu(v)
a.backward()
