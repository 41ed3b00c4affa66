--[[
Sources, sinks, filters and pumps: how parts of a text are passed on (LTN12).

  source   a function that returns the next part, nil at the end, or nil and an error
  sink     a function that takes a part, or nil at the end; returns 1, or nil and an error
  filter   a function that takes a part, or nil at the end, and returns what is ready of it: "" when
           nothing is yet, and at the end, asked with nil again and again, nil when that was all
  pump     moves parts from a source to a sink

A filter may have more ready than it was given: given "" it returns the next of it, or "".
--]]

local string = require "string"
local table = require "table"

local assert, error, select, type = assert, error, select, type
local unpack = unpack

local M = {
    BLOCKSIZE = 2048,
    _VERSION = "LTN12 1.0.3",
    filter = {},
    source = {},
    sink = {},
    pump = {},
}

local filter, source, sink, pump = M.filter, M.source, M.sink, M.pump

local BROKEN = "filter returned inappropriate nil"

-- filters ---------------------------------------------------------------------------------------

-- A filter of a function (context, part, extra) -> text, context.
function filter.cycle(low, context, extra)
    assert(low)
    return function(part)
        local text
        text, context = low(context, part, extra)
        return text
    end
end

-- Two filters, one behind the other. `front` is asked again as long as it has something ready, and
-- `back` gets the end only when all of `front` went through it.
local function joined(front, back)
    local front_ended = false
    local pending          -- what `back` has not given back to the last yet: "" asks it for more
    local asking           -- what `front` is to be asked with next
    return function(part)
        if part ~= "" or asking == nil then asking = part end
        while true do
            if pending ~= nil then
                local text = back(pending)
                if text == nil then error(BROKEN) end
                pending = ""
                if text ~= "" then return text end
                pending = nil
            end
            if front_ended then return back(nil) end
            local text = front(asking)
            if part == nil then
                if text == nil then front_ended = true else pending = text end
            else
                if text == nil then error(BROKEN) end
                asking = ""
                if text == "" then return "" end
                pending = text
            end
        end
    end
end

-- Any number of filters in a row.
function filter.chain(...)
    local chain = ...
    for i = 2, select("#", ...) do
        chain = joined(chain, (select(i, ...)))
    end
    return chain
end

-- sources ---------------------------------------------------------------------------------------

local function nothing() return nil end

function source.empty() return nothing end

function source.error(err)
    return function() return nil, err end
end

-- The parts of a file, which is closed at its end.
function source.file(file, err)
    if not file then return source.error(err or "unable to open file") end
    return function()
        local part = file:read(M.BLOCKSIZE)
        if not part then file:close() end
        return part
    end
end

-- A source that may return another one, to go on with, as its second value.
function source.simplify(from)
    assert(from)
    return function()
        local part, other = from()
        if not part then return nil, other end
        from = other or from
        return part
    end
end

function source.string(text)
    if not text then return nothing end
    local at = 1
    return function()
        local part = string.sub(text, at, at + M.BLOCKSIZE - 1)
        at = at + M.BLOCKSIZE
        if part ~= "" then return part end
    end
end

function source.table(parts)
    assert(type(parts) == "table")
    local i = 0
    return function()
        i = i + 1
        return parts[i]
    end
end

-- Parts that are handed back come first.
function source.rewind(from)
    assert(from)
    local returned = {}
    return function(part)
        if part then
            returned[#returned + 1] = part
            return nil
        end
        return table.remove(returned) or from()
    end
end

-- A source behind which filters stand.
function source.chain(from, first, ...)
    assert(from and first)
    local through = select("#", ...) == 0 and first or filter.chain(first, ...)
    local more = false -- the filters may have more of what they were given
    local ended = false
    local over = false
    return function()
        if over then error("source is empty!", 2) end
        while true do
            local text
            if ended then
                text = through(nil)
                if text == nil then
                    over = true
                    return nil
                end
            elseif more then
                text = through("")
                if text == nil then error(BROKEN) end
                if text == "" then more = false end
            else
                local part, err = from()
                if err then return nil, err end
                ended = part == nil
                if not ended then
                    text = through(part)
                    if text == nil then error(BROKEN) end
                    more = text ~= ""
                end
            end
            if text and text ~= "" then return text end
        end
    end
end

-- Several sources, one after the other.
function source.cat(...)
    local sources = { ... }
    local count = select("#", ...)
    local i = 1
    return function()
        while i <= count do
            local part, err = sources[i]()
            if part then return part end
            if err then return nil, err end
            i = i + 1
        end
    end
end

-- sinks -----------------------------------------------------------------------------------------

-- Returns the sink and the table that it fills.
function sink.table(parts)
    parts = parts or {}
    return function(part)
        if part then parts[#parts + 1] = part end
        return 1
    end, parts
end

-- A sink that may return another one, to go on with, as its second value.
function sink.simplify(to)
    assert(to)
    return function(part, err)
        local ok, other = to(part, err)
        if not ok then return nil, other end
        to = other or to
        return 1
    end
end

-- A file, which is closed at the end.
function sink.file(file, err)
    if not file then return sink.error(err or "unable to open file") end
    return function(part)
        if part then return file:write(part) end
        file:close()
        return 1
    end
end

local function discard() return 1 end

function sink.null() return discard end

function sink.error(err)
    return function() return nil, err end
end

-- A sink in front of which filters stand; the sink is the last argument.
function sink.chain(...)
    local count = select("#", ...)
    local to = select(count, ...)
    local filters = { ... }
    filters[count] = nil
    assert(to and filters[1])
    local through = filter.chain(unpack(filters, 1, count - 1))
    return function(part, err)
        if part == "" then return 1 end
        local text = through(part)
        while true do
            if part == nil or text ~= "" then
                local ok, why = to(text, err)
                if not ok then return nil, why end
            end
            -- At the end the last thing that is passed on is the end itself.
            if text == (part and "" or nil) then return 1 end
            text = through(part and "" or nil)
        end
    end
end

-- pumps -----------------------------------------------------------------------------------------

-- One part, or the end. Returns 1 when there may be more; else nil, and an error if there was one.
function pump.step(from, to)
    local part, err = from()
    local ok, why = to(part, err)
    if part and ok then return 1 end
    return nil, err or why
end

function pump.all(from, to, step)
    assert(from and to)
    step = step or pump.step
    while true do
        local ok, err = step(from, to)
        if not ok then
            if err then return nil, err end
            return 1
        end
    end
end

return M
