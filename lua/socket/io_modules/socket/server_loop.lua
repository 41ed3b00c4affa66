--[[
A server and its connections, for inputs that take in what many send.

  run(server, accepted)

Until the input is to stop, new connections are given to `accepted(connection, address, port)`. It returns a function that is
called whenever something can be received from that connection, and returns true as long as there may be more; what it
raises is logged. Connections wait for nothing; they are closed when they are over.
--]]

local socket = require "socket"

local is_running, pcall, print = is_running, pcall, print

local M = {}

-- Seconds between two looks at whether the input is to stop.
local LOOK = 1

function M.run(server, accepted)
    local sockets = {server}
    local receivers = {}

    -- Takes a connection out of the list; the order of the others does not matter.
    local function remove(connection)
        connection:close()
        receivers[connection] = nil
        for i = #sockets, 2, -1 do
            if sockets[i] == connection then
                sockets[i] = sockets[#sockets]
                sockets[#sockets] = nil
                return
            end
        end
    end

    local function accept()
        local connection = server:accept()
        if not connection then return end
        connection:settimeout(0)
        local address, port = connection:getpeername()
        receivers[connection] = accepted(connection, address or "unknown", port or 0)
        sockets[#sockets + 1] = connection
    end

    server:settimeout(0)
    while is_running() do
        local ready = socket.select(sockets, nil, LOOK)
        for i = 1, #ready do
            local one = ready[i]
            if one == server then
                accept()
            elseif receivers[one] then
                local ok, more = pcall(receivers[one])
                if not ok then print("a connection was closed:", more) end
                if not ok or not more then remove(one) end
            end
        end
    end
end

return M
