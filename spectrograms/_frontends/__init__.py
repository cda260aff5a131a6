"""Frontends: features exactly as other toolkits and models define them, as configurations of one engine.

What a name and its values go through on their way to features:

- `recipes.parameters.Kind` checks the value of one parameter.
- `recipes.definition.Definition` is a name with its parameters, one row of a table in `toolkits/`.
- `recipes.recipe.Recipe` is what one set of values asks of the engine, and of the steps before and after it.
- `runner.Runner` is a recipe with its engine; it takes signals through.
- `base.Frontend` is what users have: name, values and precision, with a runner.

`making` finds frontends by name, `configs` reads files of models, `stream` has the stream of a frontend.
"""
