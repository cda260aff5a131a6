"""What a frontend is made of: a definition with its parameters, and the recipe that they give.

`definition` is a name and its table of parameters, checked by `parameters`; `recipe` is what one set of
values asks of the engine, with the steps ahead of it (`before`) and behind it (`after`); `windows` has those
of toolkits.
"""
