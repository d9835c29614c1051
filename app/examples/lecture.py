"""One neuron, step by step.

Chapter: graph

Three operations forward, three local derivatives backward: each gradient is the product of the derivatives
along its path.
"""

x = torch.tensor(3.)
w = torch.tensor(2., requires_grad=True)
b = torch.tensor(1., requires_grad=True)
u = w * x
v = u + b
a = torch.relu(v)
a.backward()
