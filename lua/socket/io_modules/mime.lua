--[[
MIME's encodings as filters (see ltn12): encode, decode and wrap by name, normalize for line ends,
stuff for SMTP's dots. The native functions of mime.core are here too: b64, unb64, qp, unqp, wrp,
qpwrp, eol, dot.
--]]

local core = require "mime.core"
local cycle = require "ltn12".filter.cycle

-- Scripts count on it that io is a global variable behind this module; not every kind has it.
pcall(require, "io")

local error, pairs, tostring, type = error, pairs, tostring, type

local M = {}
for name, value in pairs(core) do M[name] = value end

M.encodet, M.decodet, M.wrapt = {}, {}, {}

local LINE = 76

M.encodet["base64"] = function() return cycle(M.b64, "") end
M.encodet["quoted-printable"] = function(mode)
    return cycle(M.qp, "", mode == "binary" and "=0D=0A" or "\r\n")
end

M.decodet["base64"] = function() return cycle(M.unb64, "") end
M.decodet["quoted-printable"] = function() return cycle(M.unqp, "") end

local function wrap_text(length)
    length = length or LINE
    return cycle(M.wrp, length, length)
end
M.wrapt["text"] = wrap_text
M.wrapt["base64"] = wrap_text
M.wrapt["default"] = wrap_text
M.wrapt["quoted-printable"] = function() return cycle(M.qpwrp, LINE, LINE) end

-- Makes a filter by name. Without a name it is the default, and what is given is the default's own.
local function named(makers)
    return function(name, first, second)
        if type(name) ~= "string" then name, first, second = "default", name, first end
        local make = makers[name]
        if not make then error("unknown key (" .. tostring(name) .. ")", 2) end
        return make(first, second)
    end
end

M.encode = named(M.encodet)
M.decode = named(M.decodet)
M.wrap = named(M.wrapt)

function M.normalize(marker) return cycle(M.eol, 0, marker) end

function M.stuff() return cycle(M.dot, 2) end

return M
