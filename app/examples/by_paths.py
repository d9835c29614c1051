"""Backward by paths.

Chapter: backward

W₁ is used twice: in the prediction, and in the penalty u₄. So dℓ/dW₁ = ∂ℓ/∂u₈ · du₈/dW₁ + ∂ℓ/∂u₄ · du₄/dW₁, one
term a path.

[The error u8](step=8) and [the penalty u4](step=4) meet in [the loss](step=9). Backward, [loss sends 1 to u8 and 1 to
u4](step=11). The short path is done at once: [u4 sends 1 to W1](step=16). The long one goes through [u7](step=13),
[u5](step=15) and [u3](step=17), and [u1 sends 0.06335](step=20). [W1.grad is 1 + 0.06335 = 1.063](step=21).
"""

x, t = torch.tensor(1.), torch.tensor(0.)
W1 = torch.tensor(0.5, requires_grad=True)
W2 = torch.tensor(2., requires_grad=True)
u1 = W1 * x
u2 = torch.sigmoid(u1)
u3 = W2 * u2
u4 = W1 ** 2                    #: the penalty: the second path to W1
u5 = torch.sigmoid(u3)          #: the prediction
u6 = u5 - t
u7 = u6 ** 2
u8 = u7 / 2                     #: the error: the first path ends here
loss = u8 + u4
loss.backward()
