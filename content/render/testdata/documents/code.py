def f(x):
    return "<b>" # comment
