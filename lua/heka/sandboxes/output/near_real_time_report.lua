--[[
Writes reports to files by day: the newest of each kind.

Configuration

  filename = "near_real_time_report.lua"
  message_matcher = "Type == 'report.daily'"
  ticker_interval = 60
  output_dir = "reports"             -- default: "/var/tmp/hindsight/reports"
  s3_uri = "s3://example/reports"    -- optional: each tick copies output_dir there, by the command "aws s3 sync"
  s3_storage_class = "STANDARD"      -- default; or "REDUCED_REDUNDANCY" or "STANDARD_IA"

Fields[data] goes to <output_dir>/<Fields[day]>/<EnvVersion>-<Logger>.<Fields[name]>.<Fields[ext]>. A day that is not like
"2014-02-10" is 1970-01-01; there is "_" for what is neither letter nor digit, but for dots. Where there is no shell, s3_uri
is refused. Returns 0, or -1 and what went wrong.
--]]

local io = require "io"
local os = require "os"
local string = require "string"
local folders = require "heka.folders"

local format, gsub, match = string.format, string.gsub, string.match

local NO_DAY = "1970-01-01"

local output_dir = read_config("output_dir") or "/var/tmp/hindsight/reports"
local s3_uri = read_config("s3_uri")
local s3_storage_class = read_config("s3_storage_class") or "STANDARD"
if s3_storage_class ~= "STANDARD" and s3_storage_class ~= "REDUCED_REDUNDANCY" and s3_storage_class ~= "STANDARD_IA" then
    error("s3_storage_class must be STANDARD, REDUCED_REDUNDANCY or STANDARD_IA")
end
if s3_uri and os.execute() == 0 then error("s3_uri cannot be used: there is no shell that could run aws") end
assert(folders.make(output_dir))

local data = read_message("Fields[data]", nil, nil, true)

local function field(name, default)
    local value = read_message(format("Fields[%s]", name))
    if value == nil or value == false then return default end
    return tostring(value)
end

-- The file, or nil and why it could not be opened.
local function open(folder, name)
    local path = folder .. "/" .. name
    local file = io.open(path, "w")
    if file then return file end
    local made, err = folders.make(folder)
    if not made then return nil, err end
    return io.open(path, "w")
end

function process_message()
    local day = field("day", NO_DAY)
    if not match(day, "^%d%d%d%d%-%d%d%-%d%d$") then day = NO_DAY end
    local version = gsub(read_message("EnvVersion") or "0", "[^%d%.]", "_")
    local logger = gsub(read_message("Logger") or "UNKNOWN", "[^%w%.]", "_")
    local name = gsub(field("name", "UNKNOWN"), "[^%w%.]", "_")
    local extension = gsub(field("ext", ""), "%W", "_")

    local file, err = open(output_dir .. "/" .. day, format("%s-%s.%s.%s", version, logger, name, extension))
    if not file then return -1, err end
    local ok
    ok, err = file:write(data)
    file:close()
    if not ok then return -1, err end
    return 0
end

local function quoted(text)
    return "'" .. gsub(text, "'", "'\\''") .. "'"
end

function timer_event()
    if not s3_uri then return end
    local command = format("aws s3 sync --storage-class %s %s %s", s3_storage_class, quoted(output_dir), quoted(s3_uri))
    local status = os.execute(command)
    if status ~= 0 then print(format("sync failed - ret: %d, cmd: %s", status, command)) end
end
