"""Shape, stride and offset.

Chapter: tensors

A tensor is a window on its storage: offset is the first cell, the stride is the walk from one element to the
next. Slices share the cells of their base; only the window differs.
"""

a = torch.arange(6.)        #: six cells in a row
M = a.view(2, 3)            #: the same cells, read as two rows: stride (3, 1)
c = M[:, 1]                 #: a column: begin at cell 1, then go 3 further
r = M[1]                    #: a row: begin at cell 3
e = a[::2]                  #: every second cell: stride 2
d = c.contiguous()          #: now the column has cells of its own
