"""Writing through a view.

Chapter: tensors

A slice is not a copy. What is written into it appears in the base, and in every other view of the same cells.

[r](step=1) and [c](step=2) are windows on a. [The 5](step=4) goes through r into a, so that [c reads 5 and becomes 6](step=5).
[k is a copy](step=6): [the 9](step=9) written into it shows nowhere else.
"""

a = torch.zeros(2, 3)
r = a[0]            #: a window on the first row
c = a[:, 1]         #: a window on the middle column
r[1] = 5.           #: one write, seen in a, r and c
c += 1.             #: in-place: the cells change, no new tensor
k = a.clone()       #: a copy has cells of its own
k[0, 0] = 9.
