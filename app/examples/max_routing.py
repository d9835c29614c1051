"""A maximum sends the gradient one way.

Chapter: chain rule

max passes its gradient to the winner alone; add passes it to everyone, mul swaps the factors. The whole
gradient here follows the larger of the two.

[m is 5: b wins](step=1). [m sends 0 to a and 2 to b](step=5). So a has a gradient [only through y](step=4),
where it is a factor of its own.
"""

a = torch.tensor(2., requires_grad=True)
b = torch.tensor(5., requires_grad=True)
m = torch.maximum(a, b) #: b wins
y = m * a
y.backward()            #: a only through the product, b only through the maximum
