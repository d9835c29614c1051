"""The parameter that was no longer a leaf.

Chapter: pitfalls

w = w - lr * w.grad makes a new tensor that is not a leaf: its .grad stays None in the next pass. Update in
place under no_grad instead.

[p is now computed from w](step=8). So in the second pass [p sends −3.2 on to w](step=14), whose .grad still
held −4; p itself keeps nothing.
"""

w = torch.tensor(1., requires_grad=True)
p = w
loss = (p - 3.) ** 2
loss.backward()
p = p - 0.1 * p.grad        #: a new tensor, computed from w
again = (p - 3.) ** 2
again.backward()            #: the gradient goes on to w, p keeps none
print(p.is_leaf, w.grad)
