--[[
Reads the kernel's log and injects a message for each line that the kernel itself wrote.

Configuration
  filename           = "klog.lua"
  instruction_limit  = 0
  input_file         default "/proc/kmsg"; a regular file is read to its end, and from there on
                     the next call
  type               Type of the messages

The message: Severity and Fields.syslogfacility of the line's "<priority>", Payload the text behind
it. A line without a priority is a notice (5) of the kernel (0) as it stands. Lines of other
facilities are left out.
--]]

local l = require "lpeg"
local math = require "math"
local io = require "io"

local input_file = read_config("input_file") or "/proc/kmsg"

local KERNEL, NOTICE = 0, 5

local digit = l.R"09"
local priority = digit * digit^-2 / tonumber
local grammar = "<" * priority * ">" * l.C(l.P(1)^1)

local msg = { Type = read_config("type"), Fields = {} }

local file

function process_message()
    file = file or assert(io.open(input_file, "rb"))
    while is_running() do
        local line = file:read("*l")
        if not line then return 0 end

        local number, text = grammar:match(line)
        if number then
            msg.Severity = number % 8
            msg.Fields.syslogfacility = math.floor(number / 8)
            msg.Payload = text
        else
            msg.Severity = NOTICE
            msg.Fields.syslogfacility = KERNEL
            msg.Payload = line
        end
        if msg.Fields.syslogfacility == KERNEL then inject_message(msg) end
    end
    return 0
end
