--[[
Stream sockets in the file system, below the sandbox's root. Datagram sockets in the file system are
not to be had: the runtime has none.
--]]

local core = require "socket.core"

local error, setmetatable = error, setmetatable

local function no_datagrams()
    error("datagram sockets in the file system are not to be had here", 2)
end

local unix = {
    stream = core._unixstream,
    tcp = core._unixstream,
    dgram = no_datagrams,
    udp = no_datagrams,
}

-- As the module once was: a function.
return setmetatable(unix, { __call = function() return core._unixstream() end })
