--[[
Names of header fields as they are written: canonic["content-type"] is "Content-Type".
--]]

local socket = require "socket"
local string = require "string"

local setmetatable, type = setmetatable, type

local M = {}

-- Words and names that are not written with one capital at the start of each word.
local WORDS = { id = "ID", md5 = "MD5", mime = "MIME", mta = "MTA", smtp = "SMTP", te = "TE", www = "WWW", dsn = "DSN" }
local NAMES = { etag = "ETag" }

local function written(word)
    return WORDS[word] or string.upper(string.sub(word, 1, 1)) .. string.sub(word, 2)
end

M.canonic = setmetatable({}, {
    __index = function(_, name)
        if type(name) ~= "string" then return nil end
        return NAMES[name] or (string.gsub(name, "[^-]+", written))
    end,
})

socket.headers = M
return M
