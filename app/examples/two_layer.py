"""Two layers with weight decay.

Chapter: networks

ŷ = σ(W₂ᵀ σ(W₁ᵀ x)), a squared error and an L2 term. Each weight matrix has two paths to the loss: through the
prediction, and through its own penalty.
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
