--[[
Decodes nginx error logs. The same can be had from lpeg.common_log_format#nginx_error_grammar as an alternative of
lpeg.sub_decoder_util, with the transforms of lpeg.heka; this module stays for configurations that name it.

  decode(data, default_headers, mutable)   injects a message with Timestamp, Severity, Pid, the text as Payload, and the
                                           Fields tid and connection; "parse failed" for what is no such line
--]]

local sub_decoder_util = require "lpeg.sub_decoder_util"
local grammar = require "lpeg.common_log_format".nginx_error_grammar

local inject_message = inject_message

local M = {}

function M.decode(data, default_headers, mutable)
    local fields = grammar:match(data)
    if not fields then return "parse failed" end

    local msg = sub_decoder_util.copy_message(default_headers, mutable)
    msg.Timestamp, fields.time = fields.time, nil
    msg.Payload, fields.msg = fields.msg, nil
    msg.Severity, fields.severity = fields.severity, nil
    msg.Pid, fields.pid = fields.pid, nil
    sub_decoder_util.add_fields(msg, fields)
    inject_message(msg)
end

return M
