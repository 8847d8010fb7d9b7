-- What a test file calls while it is loaded, and `expect`.

local native = ...

local tests = {}

function tests.test(name, fn)
  native.check("tests", "test", name, fn)
  native.keep("test", name, fn)
end

function tests.before_each(fn)
  native.check("tests", "before_each", fn)
  native.keep("before_each", "", fn)
end

function tests.invariant(name, fn)
  native.check("tests", "invariant", name, fn)
  native.keep("invariant", name, fn)
end

function tests.expect(value)
  return native.object("expectation", { value = value })
end

return tests
