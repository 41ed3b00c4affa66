-- JSON text written and read by recursive functions: dispatch by type, escapes, string pieces.
local escapes = {['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n"}

local function encode(value, out)
    local kind = type(value)
    if kind == "string" then
        out[#out + 1] = '"' .. value:gsub('["\\\n]', escapes) .. '"'
    elseif kind ~= "table" then
        out[#out + 1] = tostring(value)
    elseif #value > 0 then
        out[#out + 1] = "["
        for i, item in ipairs(value) do
            if i > 1 then
                out[#out + 1] = ","
            end
            encode(item, out)
        end
        out[#out + 1] = "]"
    else
        out[#out + 1] = "{"
        local names = {}
        for name in pairs(value) do
            names[#names + 1] = name
        end
        table.sort(names)
        for i, name in ipairs(names) do
            out[#out + 1] = (i > 1 and "," or "") .. '"' .. name .. '":'
            encode(value[name], out)
        end
        out[#out + 1] = "}"
    end
end

local decode

local function decode_list(text, at)
    local list = {}
    while text:sub(at, at) ~= "]" do
        local value
        value, at = decode(text, at)
        list[#list + 1] = value
        if text:sub(at, at) == "," then
            at = at + 1
        end
    end
    return list, at + 1
end

local function decode_record(text, at)
    local record = {}
    while text:sub(at, at) ~= "}" do
        local name, value
        name, at = decode(text, at)
        value, at = decode(text, at + 1)
        record[name] = value
        if text:sub(at, at) == "," then
            at = at + 1
        end
    end
    return record, at + 1
end

local function decode_string(text, at)
    local pieces = {}
    while true do
        local stop = text:find('["\\]', at)
        pieces[#pieces + 1] = text:sub(at, stop - 1)
        if text:sub(stop, stop) == '"' then
            return table.concat(pieces), stop + 1
        end
        local escaped = text:sub(stop + 1, stop + 1)
        pieces[#pieces + 1] = escaped == "n" and "\n" or escaped
        at = stop + 2
    end
end

function decode(text, at)
    local first = text:sub(at, at)
    if first == '"' then
        return decode_string(text, at + 1)
    elseif first == "[" then
        return decode_list(text, at + 1)
    elseif first == "{" then
        return decode_record(text, at + 1)
    elseif text:sub(at, at + 3) == "true" then
        return true, at + 4
    end
    local digits = text:match("^[-%d.e+]+", at)
    return tonumber(digits), at + #digits
end

return function(n)
    local sum = 0
    for i = 1, n do
        local record = {
            id = i,
            name = "sensor \"" .. i % 10 .. "\"\n",
            values = {i % 7 / 4, 2.5, -3, i},
            tags = {first = {"a", "b"}, second = {"c\\d"}, on = true},
        }
        local out = {}
        encode(record, out)
        local text = table.concat(out)
        local copy = decode(text, 1)
        sum = sum + #text + copy.id + copy.values[1] + #copy.name + #copy.tags.second[1]
    end
    return sum
end
