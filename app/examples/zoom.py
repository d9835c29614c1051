"""Zoom on the prediction.

Chapter: chain rule

ŷ = σ(W₂ σ(W₁ x)): four operations inside one another. Along the one path from ŷ to W₁ each contributes its local
derivative, and the product of all four is dŷ/dW₁.

Forward, the path is [u1](step=1), [u2](step=2), [u3](step=3), [y_hat](step=4). Backward it is walked the other
way: [the slope at y_hat is 0.1736](step=6), [u3 multiplies by W2 = 2](step=7), [the slope at u2 is 0.235](step=9),
and [u1 multiplies by x](step=10). The product of the four is [W1.grad = 0.08159](step=11).
"""

x = torch.tensor(1.)
W1 = torch.tensor(0.5, requires_grad=True)
W2 = torch.tensor(2., requires_grad=True)
u1 = W1 * x                     #: du1/dW1 = x
u2 = torch.sigmoid(u1)          #: du2/du1 = u2 (1 - u2)
u3 = W2 * u2                    #: du3/du2 = W2
y_hat = torch.sigmoid(u3)       #: the prediction
y_hat.backward()
