-- Asks string.format for widths, precisions and lists that grow without bound; refused or bounded.
-- ends: SH1208 at 12
for _, form in ipairs { "%100d", "%.100f", "%1000000000d", "%99999999s", "%*d", "%-+ #0-5d", "%n", "%ls", "%" } do
  if pcall(string.format, form, 1) then
    log.error(form .. " is taken")
  end
end
if #string.format("%99.99f", -1e308) > 512 then
  log.error("a number is too wide")
end
local text = ("x"):rep(1 << 20)
string.format("%s%s", text, text)
