--[[
Log messages written as text with placeholders, compiled to LPeg patterns.

  local message = require("lpeg.log_template").compiler{ mac = some_pattern }
  message "DHCPACK to {client:ipv4} ({hardware:mac}) via {source:word}{$}"

Placeholders
  {name}              the text up to the literal that follows it (before {$}: up to the end), if any
  {name:pattern}      what the pattern matches
  {name=word|word}    one of these words
  {$}                 the end of the message
A placeholder captures under its name: the pattern's value, or else the text. The result has no
table capture of its own; it can be combined with other patterns before it goes into one.

Exports
  compiler([patterns])   a function from templates to patterns; `patterns` adds to those below
  choice(list)           the patterns of the list as alternatives, in this order

Patterns
  number              digits, as a number
  integer, float      as in lpeg.syslog
  token, word         everything before the next space; a word has at least one byte
  rest                all that is left, at least one byte
  ipv4, ipv6, ip      an address as a field, {value = string, representation = "ipv4" or "ipv6"}
--]]

local l = require "lpeg"
l.locale(l)
local string = require "string"
local ip = require "lpeg.ip_address"
local syslog = require "lpeg.syslog"

local error, ipairs, type = error, ipairs, type
local P, S, C, Cg, Ct = l.P, l.S, l.C, l.Cg, l.Ct

local M = {}

local known = {
    number = l.digit^1 / tonumber,
    integer = syslog.integer,
    float = syslog.float,
    token = syslog.notspace,
    word = (1 - P" ")^1,
    rest = P(1)^1,
    ipv4 = ip.v4_field,
    ipv6 = ip.v6_field,
    ip = ip.v4_field + ip.v6_field,
}

local name = (l.alnum + "_")^1
local words = Ct(C((1 - S"|}")^1) * ("|" * C((1 - S"|}")^1))^0)
local placeholder = Ct("{" * (
    Cg("$", "finish")
    + Cg(name, "name") * (":" * Cg(name, "pattern") + "=" * Cg(words, "words"))^-1
) * "}")
local literal = C((1 - S"{}")^1)
local items_of = Ct((literal + placeholder)^1) * -1

local function fault(template, detail)
    error(string.format("log template '%s': %s", template, detail))
end

function M.choice(list)
    local choice = P(false)
    for _, pattern in ipairs(list) do choice = choice + pattern end
    return choice
end

-- The text before `following`, the next item of the template.
local function text(template, item, following)
    if type(following) == "string" then return syslog.capture_until(item.name, following) end
    if following and following.finish then return Cg(P(1)^0, item.name) end
    return fault(template, "nothing says where {" .. item.name .. "} ends")
end

local function pattern_of(template, item, following, patterns)
    if type(item) == "string" then return P(item) end
    if item.finish then return P(-1) end
    if item.words then return Cg(M.choice(item.words), item.name) end
    if not item.pattern then return text(template, item, following) end
    local pattern = patterns[item.pattern] or known[item.pattern]
    if not pattern then fault(template, "unknown pattern '" .. item.pattern .. "'") end
    return Cg(pattern, item.name)
end

function M.compiler(patterns)
    patterns = patterns or {}
    return function(template)
        local items = items_of:match(template)
        if not items then fault(template, "malformed placeholder") end
        local pattern = P(true)
        for i, item in ipairs(items) do
            pattern = pattern * pattern_of(template, item, items[i + 1], patterns)
        end
        return pattern
    end
end

return M
