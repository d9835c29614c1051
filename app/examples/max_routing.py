"""A maximum sends the gradient one way.

Chapter: chain rule

max passes its gradient to the winner alone; add passes it to everyone, mul swaps the factors. The whole
gradient here follows the larger of the two.
"""

a = torch.tensor(2., requires_grad=True)
b = torch.tensor(5., requires_grad=True)
m = torch.maximum(a, b) #: b wins
y = m * a
y.backward()            #: a only through the product, b only through the maximum
