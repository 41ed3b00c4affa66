--[[
Lists the most frequent values of a variable, approximately: a table of values and weights, in no order. There are at most
`max_items` values. When there is no room for another one, the weights of all go down by one instead, and those that had 1
make room. A value's weight so never exceeds the number of times it came.

  [frequent_addresses]
  type = "SandboxFilter"
  filename = "lua_filters/frequent_items.lua"
  message_matcher = "Type == 'nginx.access'"
  ticker_interval = 60
  preserve_data = true
    [frequent_addresses.config]
    message_variable = "Fields[remote_addr]"   # required
    max_items = 1000                           # more are more exact
    min_output_weight = 100                    # values of this weight or less are not listed
    reset_days = 1                             # days, at whose ends (UTC) the list begins anew; 0: never
--]]

local math = require "math"
local string = require "string"

local message_variable = read_config("message_variable") or error("message_variable configuration must be specified")
local max_items = read_config("max_items") or 1000
local min_output_weight = read_config("min_output_weight") or 100
local reset_days = read_config("reset_days") or 1

local DAY_NS = 24 * 3600e9

-- Weights by item, how many there are, and the day of the last reset.
items = {}
items_size = 0
last_reset = 0

local function lower_all()
    for item, weight in pairs(items) do
        if weight > 1 then
            items[item] = weight - 1
        else
            items[item] = nil
            items_size = items_size - 1
        end
    end
end

function process_message()
    local item = read_message(message_variable)
    -- NaN cannot be a key.
    if not item or item ~= item then return -1 end

    if reset_days > 0 then
        local day = math.floor(read_message("Timestamp") / DAY_NS)
        -- Too old.
        if day < last_reset then return 0 end
        if day - last_reset >= reset_days then
            items, items_size, last_reset = {}, 0, day
        end
    end

    if items[item] then
        items[item] = items[item] + 1
    elseif items_size < max_items then
        items[item] = 1
        items_size = items_size + 1
    else
        lower_all()
    end
    return 0
end

-- Tabs and line breaks are the table's own.
local function cell(item)
    return (string.gsub(tostring(item), "[\t\r\n]", " "))
end

function timer_event(ns)
    add_to_payload(message_variable, "\tWeight\n")
    for item, weight in pairs(items) do
        if weight > min_output_weight then add_to_payload(string.format("%s\t%d\n", cell(item), weight)) end
    end
    inject_payload("tsv", "Weighting by " .. message_variable)
end
