---@meta
-- Written by `shunt types`. Editors read it, nothing runs it.

---A variable of the environment, or what stands in for it.
---@param name string
---@param otherwise? string
---@return string
function env(name, otherwise) end

---A secret, read when it is used.
---@param source { env?: string, file?: string, command?: string[] }
---@return table
function secret(source) end

---What another file returns.
---@param file string
---@return any
function include(file) end
