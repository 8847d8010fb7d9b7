-- Includes a megabyte of empty tables; to tell where they stand takes no longer than to read them.
-- ends: SH1204 as app
return include("wide.lua")
