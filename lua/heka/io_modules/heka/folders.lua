--[[
Folders for outputs that write files.

  make(path)    Makes the folder and those above it that are missing. Returns true, or nil and why it could not.
--]]

local lfs = require "lfs"
local string = require "string"

local M = {}

local function is_folder(path)
    return lfs.attributes(path, "mode") == "directory"
end

function M.make(path)
    if is_folder(path) then return true end
    local above = string.match(path, "^(.*[^/])/+[^/]+/*$")
    if above then
        local ok, err = M.make(above)
        if not ok then return nil, err end
    end
    local ok, err = lfs.mkdir(path)
    -- Somebody else may have made it meanwhile.
    if ok or is_folder(path) then return true end
    return nil, string.format("cannot make the folder %s: %s", path, err or "unknown error")
end

return M
