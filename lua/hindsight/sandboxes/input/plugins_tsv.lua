--[[
Reads Hindsight's statistics of its plugins, and tells how they changed since the last time.

Configuration

  filename = "plugins_tsv.lua"
  ticker_interval = 60
  output_path = "output"        -- folder of plugins.tsv; Hindsight says it
  sandbox_run_path = "run"      -- folder of the plugins' .err files; Hindsight says it

For each plugin in plugins.tsv it injects a message of the Type "hindsight.plugin.stats": Fields name ("analysis.counter")
and deltas, the differences of the columns in their order (Inject Message Count is the first); for a plugin that was not
there before, the columns themselves. For each plugin that is gone, and left an .err file, it injects a message of the Type
"hindsight.plugin.terminated" with the file as its Payload and Fields name. Returns 0, or -1 when plugins.tsv is malformed.
--]]

local io = require "io"
local lpeg = require "lpeg"
local string = require "string"

local output_path = read_config("output_path")
local sandbox_run_path = read_config("sandbox_run_path")
assert(type(output_path) == "string", "output_path must be a string")
assert(type(sandbox_run_path) == "string", "sandbox_run_path must be a string")

local P, R, C, Cf, Cg, Ct = lpeg.P, lpeg.R, lpeg.C, lpeg.Cf, lpeg.Cg, lpeg.Ct
local tab, newline = P "\t", P "\n"
local name = C((1 - (tab + newline))^1)
local numbers = Ct((tab * (R "09"^1 / tonumber))^1)
local heading = (1 - newline)^1 * newline
local row = Cg(name * numbers) * newline
-- The plugins' numbers by name.
local table_of_plugins = heading * Cf(Ct "" * row^0, rawset) * -1

local function read_all(path)
    local file = io.open(path)
    if not file then return nil end
    local text = file:read("*a")
    file:close()
    return text
end

local function differences(now, before)
    local deltas = {}
    -- A newer Hindsight may have columns that the one before it had not.
    for i, value in ipairs(now) do deltas[i] = value - (before[i] or 0) end
    return deltas
end

local function tell_end(plugin)
    local kind, plugin_name = string.match(plugin, "^([^.]+)%.(.+)$")
    if not kind then
        print("not the name of a plugin:", plugin)
        return
    end
    local reason = read_all(string.format("%s/%s/%s.err", sandbox_run_path, kind, plugin_name))
    if reason then
        inject_message({Type = "hindsight.plugin.terminated", Payload = reason, Fields = {name = plugin}})
    end
end

local before = {}

function process_message()
    local text = read_all(output_path .. "/plugins.tsv")
    -- Hindsight has not written it yet.
    if not text then return 0 end
    local now = table_of_plugins:match(text)
    if not now then return -1, "plugins.tsv is malformed" end

    for plugin, numbers_now in pairs(now) do
        local deltas = differences(numbers_now, before[plugin] or {})
        inject_message({Type = "hindsight.plugin.stats", Fields = {name = plugin, deltas = deltas}})
    end
    for plugin in pairs(before) do
        if not now[plugin] then tell_end(plugin) end
    end
    before = now
    return 0
end
