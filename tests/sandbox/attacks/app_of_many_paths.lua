-- Returns a table of 24 levels, each of which the text reaches on two ways; told as too large, without counting all paths.
-- ends: SH1204 as app
local a = { 1, 1 }
local b = { a, a }
local c = { b, b }
local d = { c, c }
local e = { d, d }
local f = { e, e }
local g = { f, f }
local h = { g, g }
local i = { h, h }
local j = { i, i }
local k = { j, j }
local l = { k, k }
local m = { l, l }
local n = { m, m }
local o = { n, n }
local p = { o, o }
local q = { p, p }
local r = { q, q }
local s = { r, r }
local t = { s, s }
local u = { t, t }
local v = { u, u }
local w = { v, v }
local x = { w, w }
local y = { x, x }
return y
