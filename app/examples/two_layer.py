"""Two layers with weight decay.

Chapter: networks

ŷ = σ(W₂ᵀ σ(W₁ᵀ x)), a squared error and an L2 term. Each weight matrix has two paths to the loss: through the
prediction, and through its own penalty.

[The prediction y](step=6) gives [the error E](step=9); the weights alone give [the penalty R](step=14).
Backward, [W1 first hears from its penalty](step=24) and then, through the whole network, [W1 hears from the
error](step=34). [W1.grad is the sum of both](step=35); [W2.grad](step=31) likewise.
"""

x = torch.tensor([[1.], [0.5]])
t = torch.tensor([[1.]])
W1 = torch.tensor([[0.5, -1.], [1., 0.5]], requires_grad=True)
W2 = torch.tensor([[1.], [-0.5]], requires_grad=True)
h = torch.sigmoid(W1.T @ x)                 #: hidden layer
y = torch.sigmoid(W2.T @ h)                 #: prediction
E = ((y - t) ** 2).sum()                    #: error
R = (W1 ** 2).sum() + (W2 ** 2).sum()       #: penalty
loss = E + 0.1 * R
loss.backward()
