--[[
Writes what inject_payload gave to files: one for each Logger, payload name and payload type, always the newest. For a
circular buffer ("cbuf") there is a page that draws it.

Configuration

  filename = "heka_inject_payload.lua"
  message_matcher = "Type == 'inject_payload'"
  ticker_interval = 86400           -- how often files are removed
  output_dir = "payload"            -- default: "/var/tmp/hindsight/payload"
  output_path = "/var/hindsight"    -- folder of Hindsight's utilization.tsv; without it no file is removed

Files are <output_dir>/<Logger>.<payload_name>.<payload_type>, with "_" for what is neither letter, digit nor dot, and
<output_dir>/graphs/<Logger>.<payload_name>.html, which wants /external/dygraph-combined.js and /external/cbuf.js of its web
server. Files of analysis plugins that utilization.tsv does not list any more are removed. Returns 0, or -1 and what went
wrong.
--]]

local io = require "io"
local lfs = require "lfs"
local os = require "os"
local string = require "string"
local escape_html = require("lpeg.escape_sequences").escape_html
local folders = require "heka.folders"

local format, gsub, match = string.format, string.gsub, string.match

local output_path = read_config("output_path")
local output_dir = read_config("output_dir") or "/var/tmp/hindsight/payload"
local graphs_dir = output_dir .. "/graphs"
assert(folders.make(graphs_dir))

local GRAPH_PAGE = [[
<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>%s</title>
  <script src="/external/dygraph-combined.js"></script>
  <script src="/external/cbuf.js"></script>
</head>
<body onload="heka_load_cbuf('../%s', heka_load_cbuf_complete);">
  <p id="title" style="text-align: center">%s</p>
  <p id="range" style="text-align: center"></p>
</body>
</html>
]]

local payload = read_message("Payload", nil, nil, true)
-- Files that have their page.
local graphs = {}

-- Nothing, or why it could not be written.
local function write_file(path, content)
    local file, err = io.open(path, "w")
    if not file then return err end
    local ok
    ok, err = file:write(content)
    local closed, close_err = file:close()
    if not ok then return err end
    if not closed then return close_err end
end

function process_message()
    local logger = read_message("Logger") or ""
    local name = read_message("Fields[payload_name]") or ""
    if type(name) ~= "string" then return -1, "invalid payload_name" end
    local kind = read_message("Fields[payload_type]")
    if type(kind) ~= "string" then return -1, "invalid payload_type" end

    local stem = gsub(logger, "[^%w%.]", "_") .. "." .. gsub(name, "[^%w%.]", "_")
    local file_name = stem .. "." .. gsub(kind, "%W", "_")
    if kind == "cbuf" and not graphs[file_name] then
        local title = escape_html(format("%s [%s]", logger, name))
        local err = write_file(format("%s/%s.html", graphs_dir, stem), format(GRAPH_PAGE, title, file_name, title))
        if err then return -1, err end
        graphs[file_name] = true
    end

    local err = write_file(format("%s/%s", output_dir, file_name), payload)
    if err then return -1, err end
    return 0
end

-- ---------------------------------------------------------------------------------------------------------------------

local function running_plugins()
    local file = io.open(output_path .. "/utilization.tsv")
    if not file then return nil end
    local running = {}
    for line in file:lines() do
        local plugin = match(line, "^(analysis%.[^\t]+)")
        if plugin then running[plugin] = true end
    end
    file:close()
    return running
end

local function remove_files_of_others(running, folder)
    local gone = {}
    for name in lfs.dir(folder) do
        local plugin = match(name, "^(analysis%..+)%.[^.]*%.[^.]+$")
        if plugin and not running[plugin] then gone[#gone + 1] = name end
    end
    for _, name in ipairs(gone) do os.remove(folder .. "/" .. name) end
end

function timer_event(_, shutdown)
    if shutdown or not output_path then return end
    local running = running_plugins()
    if not running then return end
    remove_files_of_others(running, output_dir)
    remove_files_of_others(running, graphs_dir)
    graphs = {}
end
