--[[
Turns the running totals of /proc/stat, in messages as lua_decoders/linux_procstat.lua makes them, into what changed since
the message before, and into percentages of CPU time. Each message but the first makes a message of the type procstat (which
the filter's host puts heka.sandbox. before), with the payload of the original and these fields, for each cpu, cpu0, cpu1 ...:

  cpu_percent                            time that was not idle
  with extras = true:
  cpu_percent_user, _nice, _system, _idle, and _iowait if the kernel counts it
  cpu_delta_user, _nice, _system, _idle, _iowait, _irq, _softirq, _steal, _guest, _guestnice   ticks
  cpu_delta_ticks                        the sum of these
  softirq_delta_1, softirq_delta_2 ...   in all, and of each kind
  <name>_delta                           of each other field that is one number: ctxt, btime, processes ...

  [procstat]
  type = "SandboxFilter"
  filename = "lua_filters/procstat.lua"
  message_matcher = "Type == 'stats.procstat'"
    [procstat.config]
    whitelist = "cpu$"       # a Lua pattern for the names of fields; all unless set
    extras = false           # whether there are more fields than cpu_percent
    percent_integer = true   # whether percentages are whole numbers from 0 to 100; otherwise fractions of 1
--]]

local math = require "math"
local string = require "string"

local CPU_COLUMNS = {"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guestnice"}
local IDLE, IOWAIT = 4, 5

local whitelist = read_config("whitelist") or ""
local extras = read_config("extras") or false
local percent_integer = read_config("percent_integer") ~= false

-- The fields of the last message.
local previous

-- Fields by name: a number, or an array for more than one value. Others are left out.
local function read_fields()
    local fields = {}
    while true do
        local value_type, name, value, _, count = read_next_field()
        if not value_type then return fields end
        if type(value) == "number" then
            if count > 1 then
                local variable, values = string.format("Fields[%s]", name), {value}
                for i = 2, count do values[i] = read_message(variable, 0, i - 1) end
                value = values
            end
            fields[name] = value
        end
    end
end

-- What changed, in the form of the fields; nil when the two have not the same form.
local function change(new, old)
    if type(new) ~= type(old) then return end
    if type(new) == "number" then return new - old end
    if #new ~= #old then return end
    local changes = {}
    for i, value in ipairs(new) do changes[i] = value - old[i] end
    return changes
end

local function percentage(fraction)
    return percent_integer and math.ceil(fraction * 100 - 0.5) or fraction
end

local function add_cpu(fields, name, changes)
    local ticks = 0
    for i, change in ipairs(changes) do
        ticks = ticks + change
        local column = CPU_COLUMNS[i]
        if extras and column then fields[name .. "_delta_" .. column] = change end
    end
    if extras then fields[name .. "_delta_ticks"] = ticks end
    if ticks <= 0 then return end
    if extras then
        for i = 1, math.min(#changes, IOWAIT) do
            fields[name .. "_percent_" .. CPU_COLUMNS[i]] = percentage(changes[i] / ticks)
        end
    end
    fields[name .. "_percent"] = percentage(1 - changes[IDLE] / ticks)
end

local function add_fields(fields, name, changes)
    if type(changes) == "table" then
        if string.find(name, "^cpu") and #changes >= IDLE then
            add_cpu(fields, name, changes)
        elseif extras and name == "softirq" then
            for i, change in ipairs(changes) do fields[name .. "_delta_" .. i] = change end
        end
    elseif extras then
        fields[name .. "_delta"] = changes
    end
end

function process_message()
    local current = read_fields()
    local last = previous
    previous = current
    if not last then return 0 end

    local fields = {}
    for name, value in pairs(current) do
        local changes = last[name] and change(value, last[name])
        if changes and string.find(name, whitelist) then add_fields(fields, name, changes) end
    end
    inject_message {Type = "procstat", Payload = read_message("Payload"), Fields = fields}
    return 0
end
