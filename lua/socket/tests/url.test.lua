-- Tests of socket.url and socket.headers.
local string = require "string"
local table = require "table"
local headers = require "socket.headers"
local url = require "socket.url"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual), tostring(expected)), 2)
    end
end

local function parts_of(text, expected)
    local parts = url.parse(text)
    for name, value in pairs(expected) do equal(parts[name], value, text .. " " .. name) end
    for name in pairs(parts) do equal(expected[name] ~= nil, true, text .. " has a " .. name) end
    return parts
end

function test_all_parts_of_a_url()
    local text = "scheme://user:pass@host:80/path/file;par?query=1#frag"
    local parts = parts_of(text, {
        scheme = "scheme", authority = "user:pass@host:80", userinfo = "user:pass", user = "user",
        password = "pass", host = "host", port = "80", path = "/path/file", params = "par",
        query = "query=1", fragment = "frag",
    })
    equal(url.build(parts), text)
end

function test_urls_with_few_parts()
    parts_of("http://host", {scheme = "http", authority = "host", host = "host"})
    parts_of("path", {path = "path"})
    parts_of("//host:1", {authority = "host:1", host = "host", port = "1"})
    parts_of("http://[::1]:8080/x", {
        scheme = "http", authority = "[::1]:8080", host = "::1", port = "8080", path = "/x",
    })
    parts_of("mailto:a@b", {scheme = "mailto", path = "a@b"})
    parts_of("?q", {query = "q"})
    equal(url.parse(""), nil)
    equal(select(2, url.parse(nil)), "invalid url")
    equal(url.parse("x", {scheme = "http"}).scheme, "http")
end

function test_building()
    equal(url.build{scheme = "http", host = "::1", port = 80, path = "/"}, "http://[::1]:80/")
    equal(url.build{scheme = "http", host = "h", user = "u", password = "p"}, "http://u:p@h")
    equal(url.build{authority = "kept", path = "/x", query = "q"}, "//kept/x?q")
end

-- RFC 2396, appendix C.
function test_relative_urls()
    local base = "http://a/b/c/d;p?q"
    for relative, absolute in pairs {
        ["g:h"] = "g:h", ["g"] = "http://a/b/c/g", ["./g"] = "http://a/b/c/g", ["g/"] = "http://a/b/c/g/",
        ["/g"] = "http://a/g", ["//g"] = "http://g", ["g?y"] = "http://a/b/c/g?y", ["g#s"] = "http://a/b/c/g#s",
        ["#s"] = "http://a/b/c/d;p?q#s", ["g;x?y#s"] = "http://a/b/c/g;x?y#s", ["."] = "http://a/b/c/",
        ["./"] = "http://a/b/c/", [".."] = "http://a/b/", ["../g"] = "http://a/b/g", ["../.."] = "http://a/",
        ["../../g"] = "http://a/g", ["../../../g"] = "http://a/g", ["/./g"] = "http://a/g", ["/../g"] = "http://a/g",
        ["g."] = "http://a/b/c/g.", ["..g"] = "http://a/b/c/..g", ["./g/."] = "http://a/b/c/g/",
        ["g/../h"] = "http://a/b/c/h", ["g;x=1/../y"] = "http://a/b/c/y", [""] = base,
    } do
        equal(url.absolute(base, relative), absolute, relative)
    end
    equal(url.absolute({scheme = "http", host = "a"}, "x"), "http://a/x")
end

function test_escapes_and_paths()
    equal(url.escape("a b/ä_1"), "a%20b%2f" .. url.escape("ä") .. "_1")
    equal(url.unescape("%41%zz%7e"), "A%zz~")
    local path = url.parse_path("/a%20b/c/")
    equal(table.concat(path, "|"), "a b|c")
    equal(path.is_absolute, 1)
    equal(path.is_directory, 1)
    equal(url.build_path(path), "/a%20b/c/")
    equal(url.build_path(path, true), "/a b/c/")
end

function test_names_of_headers()
    for name, written in pairs {
        ["content-type"] = "Content-Type", te = "TE", ["www-authenticate"] = "WWW-Authenticate", etag = "ETag",
        ["mime-version"] = "MIME-Version", ["content-md5"] = "Content-MD5", ["x-mailer"] = "X-Mailer",
    } do
        equal(headers.canonic[name], written)
    end
end
