--[[
Shows what messages there are: a tree of Logger, Type and EnvVersion, and below it the headers and fields with their types.
It is meant for finding out what a stream holds, and keeps every name that it sees.

Configuration

  filename = "heka_message_schema.lua"
  message_matcher = "TRUE"
  ticker_interval = 60

Each tick injects the tree as the payload "Message Schema", and as a schema for Parquet files as the payload "parquet":

  nginx [120]                                    <- messages of this Logger
      access [120]                               <- of this Type
          -no version- [120]                     <- of this EnvVersion
              Payload - optional [3]             <- header, in this many of them if not in all
              -Fields-
                  status (integer)
                  urls (string[] - optional [7])   <- several values in a message
--]]

local string = require "string"
local table = require "table"

local HEADERS = {
    {name = "EnvVersion", parquet = "binary"},
    {name = "Hostname", parquet = "binary"},
    {name = "Logger", parquet = "binary"},
    {name = "Payload", parquet = "binary"},
    {name = "Pid", parquet = "int32"},
    {name = "Severity", parquet = "int32"},
    {name = "Timestamp", parquet = "int64"},
    {name = "Type", parquet = "binary"},
    {name = "Uuid", parquet = "fixed_len_byte_array(16)"},
}

local MISMATCH = -1
-- By a field's value_type; fields without one are texts.
local TYPES = {[0] = "string", [1] = "binary", [2] = "integer", [3] = "double", [4] = "bool", [MISMATCH] = "mismatch"}
local PARQUET_TYPES =
    {[0] = "binary", [1] = "binary", [2] = "int64", [3] = "double", [4] = "boolean", [MISMATCH] = "mismatch"}

local function node()
    return {count = 0, children = {}}
end

local root = node()

-- The child of that name, with one message more.
local function counted(parent, name)
    local child = parent.children[name]
    if not child then
        child = node()
        parent.children[name] = child
    end
    child.count = child.count + 1
    return child
end

local function note_fields(schema, fields)
    local seen = {}
    for _, field in ipairs(fields) do
        local value_type = field.value_type or 0
        local known = schema.fields[field.name]
        if not known then
            known = {count = 0, value_type = value_type, representation = field.representation or ""}
            schema.fields[field.name] = known
        end
        if known.value_type ~= value_type then known.value_type = MISMATCH end
        if seen[field.name] or #field.value > 1 then known.repeated = true end
        if not seen[field.name] then known.count = known.count + 1 end
        seen[field.name] = true
    end
end

function process_message()
    local msg = decode_message(read_message("raw"))
    local schema = counted(counted(counted(root, msg.Logger or ""), msg.Type or ""), msg.EnvVersion or "")
    if not schema.headers then schema.headers, schema.fields = {}, {} end
    for _, header in ipairs(HEADERS) do
        if msg[header.name] then schema.headers[header.name] = (schema.headers[header.name] or 0) + 1 end
    end
    if msg.Fields then note_fields(schema, msg.Fields) end
    return 0
end

-- ---------------------------------------------------------------------------------------------------------------------

local function sorted_names(t)
    local names = {}
    for name in pairs(t) do names[#names + 1] = name end
    table.sort(names)
    return names
end

local function add(depth, ...)
    add_to_payload(string.rep("    ", depth), ...)
end

local function presence(count, all)
    return count ~= all and string.format(" - optional [%d]", count) or ""
end

local function show(schema)
    for _, header in ipairs(HEADERS) do
        add(3, header.name, presence(schema.headers[header.name] or 0, schema.count), "\n")
    end
    add(3, "-Fields-\n")
    for _, name in ipairs(sorted_names(schema.fields)) do
        local field = schema.fields[name]
        add(4, name, " (", TYPES[field.value_type] or TYPES[0], field.repeated and "[]" or "")
        if field.representation ~= "" then add_to_payload(" (", field.representation, ")") end
        add_to_payload(presence(field.count, schema.count), ")\n")
    end
end

local function show_parquet(schema)
    local function repetition(count)
        return count ~= schema.count and "optional " or "required "
    end
    add(3, "message schema {\n")
    for _, header in ipairs(HEADERS) do
        add(4, repetition(schema.headers[header.name] or 0), header.parquet, " ", header.name, ";\n")
    end
    add(4, "required group Fields {\n")
    for _, name in ipairs(sorted_names(schema.fields)) do
        local field = schema.fields[name]
        local parquet = PARQUET_TYPES[field.value_type] or PARQUET_TYPES[0]
        add(5, field.repeated and "repeated " or repetition(field.count), parquet, " ", name, ";\n")
    end
    add(4, "}\n")
    add(3, "}\n")
end

local UNNAMED = {[0] = "-no logger-", "-no type-", "-no version-"}

local function walk(parent, depth, show_schema)
    for _, name in ipairs(sorted_names(parent.children)) do
        local child = parent.children[name]
        add(depth, name == "" and UNNAMED[depth] or name, " [", child.count, "]\n")
        if child.headers then
            show_schema(child)
        else
            walk(child, depth + 1, show_schema)
        end
    end
end

function timer_event()
    add_to_payload("Logger -> Type -> EnvVersion -> Field Attributes.\n",
        "Numbers in brackets are counts of messages.\n\n")
    walk(root, 0, show)
    inject_payload("txt", "Message Schema")

    walk(root, 0, show_parquet)
    inject_payload("txt", "parquet")
end
