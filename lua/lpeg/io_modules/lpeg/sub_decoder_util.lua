--[[
Sub-decoders: what a decoder does with the part of a record that it leaves to others.

  load_sub_decoders(entries, printf_messages)  table of decode functions by the entries' names; "*" stands for all others
  load_decoder(entry, printf_messages)         one decode function; also under its older name load_sub_decoder
  copy_message(msg, mutable)                   msg itself if it may be changed, else a copy with its own Fields; {} for nil
  add_fields(msg, fields)                      puts the fields into msg.Fields, over those of the same names

A decode function takes (data, default_headers, mutable), injects a message, and returns nothing, or why it could not.

An entry is one of
  "decoders.name"            a decoder module
  "module", "module#name"    a grammar: the module's `grammar` or `syslog_grammar`, or the one of that name. It captures the
                             message's Fields
  an array                   of alternatives; the first that matches gives the Fields, and the record is the Payload.
                             Each is {what, transforms}, or `what` alone if it is text:
    "a sample of the text"     the grammar of printf_messages (see lpeg.printf) that fits it best
    {"format", name...}        a printf format, told by its "%"
    {"module#name", value...}  a function that builds a grammar from the values, or a grammar that gets them as arguments
    "decoders.name"            a decoder module, as the only alternative and without printf_messages
    "<<DROP>>", "<<FAIL>>"     as the last alternative: what matches none is dropped, or fails. Without these it is injected
                               with its Payload alone
transforms are {field = "module#function"}: functions called with the message and the field's name, whether it has that field
or not. A decoder module's message gets them when it is injected, if this is where the module is first required.
--]]

local string = require "string"
local printf = require "lpeg.printf"
local lpeg = require "lpeg"

local error, ipairs, next, pairs, pcall, require = error, ipairs, next, pairs, pcall, require
local setmetatable, type, unpack = setmetatable, type, unpack
local find, format, match = string.find, string.format, string.match

local inject = inject_message

local M = {}

local FAIL_TOKEN, DROP_TOKEN = "<<FAIL>>", "<<DROP>>"
local PARSE_FAILED = "parse failed"
local HEADERS = {"Uuid", "Logger", "Hostname", "Timestamp", "Type", "Payload", "EnvVersion", "Pid", "Severity"}

-- ---------------------------------------------------------------------------------------------------------------------
-- Messages

function M.copy_message(msg, mutable)
    if not msg or mutable then return msg or {} end
    local copy = {}
    for _, name in ipairs(HEADERS) do copy[name] = msg[name] end
    if type(msg.Fields) == "table" then
        local fields = {}
        for name, value in pairs(msg.Fields) do fields[name] = value end
        copy.Fields = fields
    end
    return copy
end

function M.add_fields(msg, fields)
    if not msg.Fields then
        msg.Fields = fields
        return
    end
    for name, value in pairs(fields) do msg.Fields[name] = value end
end

local copy_message, add_fields = M.copy_message, M.add_fields

-- ---------------------------------------------------------------------------------------------------------------------
-- Modules

local function referred(text)
    local module_name, name = match(text, "([^#]+)#(.+)")
    if module_name then return require(module_name)[name] end
end

local function grammar_or_builder(text)
    if find(text, "[^#]#.") then return referred(text) end
    local module_table = require(text)
    return module_table.grammar or module_table.syslog_grammar
end

local function decode_of(module_name)
    local decode = require(module_name).decode
    if type(decode) ~= "function" then error(format("no decode function defined: %s", module_name)) end
    return decode
end

local function load_transforms(transforms)
    if not transforms then return nil end
    local functions = {}
    for name, text in pairs(transforms) do
        local transform = referred(text)
        if type(transform) ~= "function" then
            error(format("invalid transformation function %s=%s", name, text))
        end
        functions[name] = transform
    end
    return functions
end

local function apply(transforms, msg)
    for name, transform in pairs(transforms) do transform(msg, name) end
end

-- The module takes the global inject_message when it is loaded: for that long it is ours.
local function decode_with_transforms(module_name, transforms)
    local functions = load_transforms(transforms)
    inject_message = function(msg, checkpoint)
        if type(msg) ~= "table" then error("transformations expect msg to be a table") end
        apply(functions, msg)
        return inject(msg, checkpoint)
    end
    local ok, decode = pcall(decode_of, module_name)
    inject_message = inject
    if not ok then error(decode, 0) end
    return decode
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Decode functions

local function is_grammar(value)
    return lpeg.type(value) == "pattern"
end

local function decode_with(grammar)
    return function(data, default_headers, mutable)
        local fields = grammar:match(data)
        if not fields then return PARSE_FAILED end
        local msg = copy_message(default_headers, mutable)
        add_fields(msg, fields)
        inject(msg)
    end
end

local function matcher(grammar)
    return function(data) return grammar:match(data) end
end

-- Alternatives are {function from the record to its fields, transforms by field}.
local function decode_with_first(alternatives, without_match)
    return function(data, default_headers, mutable)
        local msg = copy_message(default_headers, mutable)
        msg.Payload = data
        for _, alternative in ipairs(alternatives) do
            local fields = alternative[1](data)
            if fields then
                add_fields(msg, fields)
                if alternative[2] then apply(alternative[2], msg) end
                inject(msg)
                return
            end
        end
        if without_match == DROP_TOKEN then return end
        if without_match == FAIL_TOKEN then return PARSE_FAILED end
        inject(msg)
    end
end

-- {"format", name...}, {"module#name", value...} or {"module"}
local function specified(spec)
    if find(spec[1], "%", 1, true) then return matcher(printf.build_grammar(spec)) end
    local reference = grammar_or_builder(spec[1])
    if type(reference) == "function" then return matcher(reference(unpack(spec, 2))) end
    if not is_grammar(reference) then error(format("invalid module reference %s", spec[1])) end
    if #spec == 1 then return matcher(reference) end
    return function(data) return reference:match(data, 1, unpack(spec, 2)) end
end

local function sampled(grammars, sample)
    local grammar = printf.match_sample(grammars, sample)
    if not grammar then error(format("no grammar found for: %s", sample)) end
    return matcher(grammar)
end

local function load_alternatives(entry, grammars, name)
    local alternatives, without_match = {}, nil
    for i, item in ipairs(entry) do
        local what, transforms = item, nil
        if type(item) == "table" then what, transforms = item[1], item[2] end

        local to_fields
        if type(what) == "table" then
            to_fields = specified(what)
        elseif type(what) ~= "string" then
            error(format("sub_decoder: %s invalid entry: %d", name, i))
        elseif #entry == 1 and find(what, "^decoders%.") and not next(grammars) then
            if not transforms then return decode_of(what) end
            return decode_with_transforms(what, transforms)
        elseif (what == DROP_TOKEN or what == FAIL_TOKEN) and entry[i + 1] == nil then
            without_match = what
            break
        else
            to_fields = sampled(grammars, what)
        end
        alternatives[i] = {to_fields, load_transforms(transforms)}
    end
    return decode_with_first(alternatives, without_match)
end

local function load_entry(entry, grammars, name)
    if type(entry) == "table" then return load_alternatives(entry, grammars, name) end
    if type(entry) ~= "string" then error(format("sub_decoder: %s invalid type: %s", name, type(entry))) end
    if find(entry, "^decoders%.") then return decode_of(entry) end
    local grammar = grammar_or_builder(entry)
    if not is_grammar(grammar) then error(format("sub_decoder, no grammar defined: %s", name)) end
    return decode_with(grammar)
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Loading

function M.load_decoder(entry, printf_messages)
    return load_entry(entry, printf.load_messages(printf_messages or {}), "")
end
M.load_sub_decoder = M.load_decoder

function M.load_sub_decoders(entries, printf_messages)
    local grammars = printf.load_messages(printf_messages or {})
    local decoders = {}
    for name, entry in pairs(entries or {}) do
        local decode = load_entry(entry, grammars, name)
        if name == "*" then
            setmetatable(decoders, {__index = function() return decode end})
        else
            decoders[name] = decode
        end
    end
    return decoders
end

return M
