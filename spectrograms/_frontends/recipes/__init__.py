"""What a frontend is made of: a definition with its parameters, and the recipe that they give.

`definition` is a name with its table of parameters, which `parameters` checks. `recipe` is what one set of
values asks of the engine, and `words` says it: its frames (`framing`, `windows`), its `stages`, the `lengths`
of what a signal gives, and the steps `before` and `after` the engine (`steps` is what these share).
"""
