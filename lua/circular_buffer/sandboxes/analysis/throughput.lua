--[[
Counts messages over time, by the machine's clock.

Configuration

  filename = "throughput.lua"
  message_matcher = "TRUE"
  ticker_interval = 60
  preserve_data = true
  rows = 10080              -- default: a week of
  sec_per_row = 60          -- default: minutes
  preservation_version = 0  -- default; another number when rows or sec_per_row changed: the counts begin anew

Each tick injects the counts as a payload of the type "cbuf" and the name "counts", with the column "messages".
--]]

_PRESERVATION_VERSION = read_config("preservation_version") or 0

local circular_buffer = require "circular_buffer"
local os = require "os"

local NS_PER_SECOND = 1e9
local MESSAGES = 1

-- Global: so it is preserved.
counts = circular_buffer.new(read_config("rows") or 10080, 1, read_config("sec_per_row") or 60)
counts:set_header(MESSAGES, "messages")

function process_message()
    counts:add(os.time() * NS_PER_SECOND, MESSAGES, 1)
    return 0
end

function timer_event()
    inject_payload("cbuf", "counts", counts)
end
