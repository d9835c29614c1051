"""A second backward adds.

Chapter: backward

.backward() never overwrites: it adds to .grad. Two passes over two losses leave the sum of both gradients.

The first pass leaves [w.grad = 3](step=4). The second computes 4 and [adds it to the 3](step=8). Nobody had
asked for that: call zero_grad in between if you don't want it.
"""

w = torch.tensor(2., requires_grad=True)
p = 3. * w
p.backward()        #: w.grad = 3
q = w ** 2
q.backward()        #: w.grad = 3 + 4 = 7
