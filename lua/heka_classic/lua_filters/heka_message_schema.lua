--[[
Shows what a stream of messages consists of, as a tree of loggers, types and versions, with the number of messages of each,
and of the fields below:

  nginx [200]
      nginx.access [200]
           -no version- [200]
              request_time (number)
              status (number)
              user (string - optional [12])

A field is a string, number or bool; "mismatch" when its type differs from message to message. All that was ever seen is
kept: this is for a look at unknown data, not for good.

  [schema]
  type = "SandboxFilter"
  filename = "lua_filters/heka_message_schema.lua"
  message_matcher = "Logger != 'schema'"
  ticker_interval = 60

There is nothing to configure.
--]]

local table = require "table"

local MISMATCH = "mismatch"
-- By the types' numbers on the wire.
local TYPE_NAMES = {[0] = "string", "string", "number", "number", "bool"}

-- A tree of {count = ..., children = by name}; fields have a `type`, one of the numbers above or MISMATCH.
schema = {count = 0, children = {}}

-- Counts one more in the child of that name.
local function count_in(node, name)
    local child = node.children[name]
    if not child then
        child = {count = 0, children = {}}
        node.children[name] = child
    end
    child.count = child.count + 1
    return child
end

function process_message()
    local of_logger = count_in(schema, read_message("Logger"))
    local of_type = count_in(of_logger, read_message("Type"))
    local of_version = count_in(of_type, read_message("EnvVersion"))
    while true do
        local value_type, name = read_next_field()
        if not value_type then return 0 end
        local field = count_in(of_version, name)
        if field.count == 1 then
            field.type = value_type
        elseif field.type ~= value_type then
            field.type = MISMATCH
        end
    end
end

-- Names of children in order, and the children.
local function each_child(node)
    local names = {}
    for name in pairs(node.children) do names[#names + 1] = name end
    table.sort(names)
    local i = 0
    return function()
        i = i + 1
        local name = names[i]
        return name, node.children[name]
    end
end

local LEVELS = {
    {indent = "", unnamed = "-no logger-"},
    {indent = "    ", unnamed = "-no type-"},
    {indent = "         ", unnamed = "-no version-"},
}

local function write_fields(version)
    for name, field in each_child(version) do
        add_to_payload("            ", name, " (", TYPE_NAMES[field.type] or MISMATCH)
        if field.count ~= version.count then add_to_payload(" - optional [", field.count, "]") end
        add_to_payload(")\n")
    end
end

local function write_children(node, depth)
    local level = LEVELS[depth]
    if not level then return write_fields(node) end
    for name, child in each_child(node) do
        add_to_payload(level.indent, name == "" and level.unnamed or name, " [", child.count, "]\n")
        write_children(child, depth + 1)
    end
end

function timer_event(ns)
    add_to_payload("Logger -> Type -> EnvVersion -> Field Attributes.\n",
        "The number in brackets is the number of occurrences of each logger/type/attribute.\n\n")
    write_children(schema, 1)
    inject_payload("txt", "Message Schema")
end
