--[[
URLs: their parts, putting them together, and relative ones.

  scheme://user:password@host:port/path;params?query#fragment
           └──── userinfo ─┘
           └──────── authority ──┘
--]]

local socket = require "socket"
local string = require "string"
local table = require "table"

local pairs, tonumber, tostring, type = pairs, tonumber, tostring, type

local M = { _VERSION = "URL 1.0.3" }

function M.escape(text)
    return (string.gsub(text, "[^%w_]", function(char)
        return string.format("%%%02x", string.byte(char))
    end))
end

function M.unescape(text)
    return (string.gsub(text, "%%(%x%x)", function(digits)
        return string.char(tonumber(digits, 16))
    end))
end

-- parsing and building --------------------------------------------------------------------------

local function parse_authority(parts)
    local authority = parts.authority
    local userinfo, rest = string.match(authority, "^([^@]*)@(.*)$")
    if userinfo then
        parts.userinfo = userinfo
        local user, password = string.match(userinfo, "^(.*):([^:]*)$")
        parts.user = user or userinfo
        parts.password = password or parts.password
    end
    local place = rest or authority
    local host, port = string.match(place, "^(.*):([^:%]]*)$")
    if port then parts.port = port end
    host = host or place
    if host ~= "" then parts.host = string.match(host, "^%[(.+)%]$") or host end
end

-- The parts of a URL over those of `default`; nil and an error for none.
function M.parse(url, default)
    if not url or url == "" then return nil, "invalid url" end
    local parts = {}
    for name, value in pairs(default or {}) do parts[name] = value end
    -- Each takes what it finds, and leaves the rest.
    local function take(pattern, name)
        local before, value = string.match(url, pattern)
        if not before then return end
        parts[name] = value
        url = before
    end
    local scheme, rest = string.match(url, "^(%w[%w+.-]*):(.*)$")
    if scheme then parts.scheme, url = scheme, rest end
    local authority, behind = string.match(url, "^//([^/?#]*)(.*)$")
    if authority then parts.authority, url = authority, behind end
    take("^([^#]*)#(.*)$", "fragment")
    take("^([^?]*)%?(.*)$", "query")
    take("^([^;]*);(.*)$", "params")
    if url ~= "" then parts.path = url end
    if parts.authority then parse_authority(parts) end
    return parts
end

local function authority_of(parts)
    if not parts.host then return parts.authority end
    local authority = parts.host
    if string.find(authority, ":", 1, true) then authority = "[" .. authority .. "]" end
    if parts.port then authority = authority .. ":" .. tostring(parts.port) end
    local userinfo = parts.userinfo
    if parts.user then
        userinfo = parts.user
        if parts.password then userinfo = userinfo .. ":" .. parts.password end
    end
    if userinfo then authority = userinfo .. "@" .. authority end
    return authority
end

function M.build(parts)
    local url = parts.path or ""
    if parts.params then url = url .. ";" .. parts.params end
    if parts.query then url = url .. "?" .. parts.query end
    local authority = authority_of(parts)
    if authority then url = "//" .. authority .. url end
    if parts.scheme then url = parts.scheme .. ":" .. url end
    if parts.fragment then url = url .. "#" .. parts.fragment end
    return url
end

-- relative URLs ---------------------------------------------------------------------------------

-- Without "." and "..", which go up as far as there is something (RFC 3986, 5.2.4).
local function without_dots(path)
    local segments = {}
    local rooted = string.sub(path, 1, 1) == "/"
    local last
    for segment in string.gmatch(rooted and path or "/" .. path, "/([^/]*)") do
        last = segment
        if segment == ".." then
            segments[#segments] = nil
        elseif segment ~= "." then
            segments[#segments + 1] = segment
        end
    end
    local result = table.concat(segments, "/")
    if (last == "." or last == "..") and result ~= "" then result = result .. "/" end
    return (rooted and "/" or "") .. result
end

-- Takes the parameters into the path, which they are a part of here, and removes its dots.
local function normalize(url, folder)
    local path = url.path or ""
    if url.params then path, url.params = path .. ";" .. url.params, nil end
    if string.sub(path, 1, 1) ~= "/" then path = folder .. path end
    url.path = without_dots(path)
end

-- A URL as it is seen from another one, which may be given as its parts.
function M.absolute(base_url, relative_url)
    if type(base_url) == "table" then base_url = M.build(base_url) end
    local base = M.parse(base_url)
    local url = M.parse(relative_url)
    if not base then return relative_url end
    if not url then return base_url end
    if url.scheme or url.authority then
        url.scheme = url.scheme or base.scheme
        if url.path then normalize(url, "") end
        return M.build(url)
    end
    url.scheme, url.authority = base.scheme, base.authority
    if url.path then
        normalize(url, string.match(base.path or "", "^(.*/)") or "/")
        return M.build(url)
    end
    url.path = base.path
    if not url.params then
        url.params = base.params
        url.query = url.query or base.query
    end
    return M.build(url)
end

-- paths -----------------------------------------------------------------------------------------

-- A list of segments, with is_absolute and is_directory.
function M.parse_path(path)
    path = path or ""
    local segments = {}
    for segment in string.gmatch(path, "[^/]+") do
        segments[#segments + 1] = M.unescape(segment)
    end
    if string.sub(path, 1, 1) == "/" then segments.is_absolute = 1 end
    if string.sub(path, -1) == "/" then segments.is_directory = 1 end
    return segments
end

local function protected(segment)
    return (string.gsub(segment, "[^%w_.!~*'():@&=+$,-]", function(char)
        return string.format("%%%02X", string.byte(char))
    end))
end

-- `unsafe`: the segments are taken as they are.
function M.build_path(segments, unsafe)
    local parts = {}
    for i = 1, #segments do
        parts[i] = unsafe and segments[i] or protected(segments[i])
    end
    local path = table.concat(parts, "/")
    if segments.is_directory and #segments > 0 then path = path .. "/" end
    if segments.is_absolute then path = "/" .. path end
    return path
end

socket.url = M
return M
