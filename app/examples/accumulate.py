"""A second backward adds.

Chapter: backward

.backward() never overwrites: it adds to .grad. Two passes over two losses leave the sum of both gradients.
"""

w = torch.tensor(2., requires_grad=True)
p = 3. * w
p.backward()        #: w.grad = 3
q = w ** 2
q.backward()        #: w.grad = 3 + 4 = 7
