--[[
The page of nginx's stub_status module: fields connections, accepts, handled, requests, reading, writing and waiting. Another
page fails.

  [nginx_status]
  type = "HttpInput"
  url = "http://localhost/nginx_status"
  ticker_interval = 10
  decoder = "nginx_stub_status"

  [nginx_stub_status]
  type = "SandboxDecoder"
  filename = "lua_decoders/nginx_stub_status.lua"
    [nginx_stub_status.config]
    type = "nginx_stub_status"    # default; the message's Type
    payload_keep = false          # default; true: the page as Payload
--]]

local lpeg = require "lpeg"
lpeg.locale(lpeg)

local blank = lpeg.S" \n\t"^0

local function counter(name)
    return blank * lpeg.Cg(lpeg.digit^1 / tonumber, name)
end

local grammar = lpeg.Ct("Active connections:" * counter "connections"
    * blank * "server accepts handled requests" * counter "accepts" * counter "handled" * counter "requests"
    * blank * "Reading:" * counter "reading"
    * blank * "Writing:" * counter "writing"
    * blank * "Waiting:" * counter "waiting")

local keeps_payload = read_config("payload_keep")

local msg = {Type = read_config("type") or "nginx_stub_status"}

function process_message()
    local page = read_message("Payload")
    msg.Fields = grammar:match(page)
    if not msg.Fields then return -1 end
    if keeps_payload then msg.Payload = page end
    inject_message(msg)
    return 0
end
