-- What must be true of a value in a test.

local native = ...

local expectation = {}

local function shown(value)
  if type(value) == "string" then
    return "'" .. value .. "'"
  end
  if type(value) ~= "table" then
    return tostring(value)
  end
  local parts = {}
  for key, item in pairs(value) do
    parts[#parts + 1] = (type(key) == "number" and "" or tostring(key) .. " = ") .. shown(item)
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local function same(one, other)
  if one == other then
    return true
  end
  if type(one) ~= "table" or type(other) ~= "table" then
    return false
  end
  for key, item in pairs(one) do
    if not same(item, other[key]) then
      return false
    end
  end
  for key in pairs(other) do
    if one[key] == nil then
      return false
    end
  end
  return true
end

local function fail(message)
  native.raise { code = "SH2102", kind = "script", message = message, evidence = {} }
end

local function has(value, part)
  if type(value) == "string" and type(part) == "string" then
    return string.find(value, part, 1, true) ~= nil
  end
  if type(value) ~= "table" then
    fail("expected a list or a string to look into, got " .. shown(value))
  end
  for _, item in pairs(value) do
    if same(item, part) then
      return true
    end
  end
  return false
end

local function number(value)
  if type(value) ~= "number" then
    fail("expected a number, got " .. shown(value))
  end
  return value
end

function expectation.equals(self, wanted)
  if not same(self.value, wanted) then
    fail("expected " .. shown(wanted) .. ", got " .. shown(self.value))
  end
end

function expectation.differs(self, unwanted)
  if same(self.value, unwanted) then
    fail("expected something else than " .. shown(unwanted))
  end
end

function expectation.contains(self, part)
  if not has(self.value, part) then
    fail("expected " .. shown(part) .. " in " .. shown(self.value))
  end
end

function expectation.lacks(self, part)
  if has(self.value, part) then
    fail("expected no " .. shown(part) .. " in " .. shown(self.value))
  end
end

function expectation.at_least(self, least)
  if number(self.value) < least then
    fail("expected at least " .. shown(least) .. ", got " .. shown(self.value))
  end
end

function expectation.at_most(self, most)
  if number(self.value) > most then
    fail("expected at most " .. shown(most) .. ", got " .. shown(self.value))
  end
end

function expectation.exists(self)
  if self.value == nil then
    fail("expected something, got nothing")
  end
end

return expectation
