-- Gives the functions of utf8 every kind of broken text; nil with a position, or an error.
-- ends: ok
for _, text in ipairs {
  "\xff",
  "\xc0\x80",
  "\xe2\x82",
  "\xed\xa0\x80",
  "\xf4\x90\x80\x80",
  "\x80",
  "a\x80",
  "\xf8\x88\x80\x80\x80",
  "\xfc\x84\x80\x80\x80\x80",
} do
  if utf8.len(text) then
    log.error("it is UTF-8")
  end
  pcall(utf8.codepoint, text, 1, -1)
  for i = -3, 7 do
    pcall(utf8.offset, text, i)
    pcall(utf8.offset, text, i, i)
    pcall(utf8.len, text, i, -i)
  end
  if pcall(function()
    for _ in utf8.codes(text) do
    end
  end) then
    log.error("it was gone through")
  end
  pcall(function()
    for _ in utf8.codes(text, true) do
    end
  end)
end
local step = utf8.codes("abc")
for i = -3, 7 do
  pcall(step, "abc", i)
end
