-- Tests of lpeg.uri.
require "string"
local uri = require "lpeg.uri"

local function check(grammar, text, expected)
    local actual = grammar:match(text)
    if not actual then error("no match: " .. text, 2) end
    for key, value in pairs(expected) do
        if actual[key] ~= value then
            error(string.format("%s: %s is %s, not %s", text, key, tostring(actual[key]), tostring(value)), 2)
        end
    end
    for key in pairs(actual) do
        if expected[key] == nil then error(string.format("%s: unexpected %s", text, key), 2) end
    end
end

local whole = {
    {"http://example.org", {scheme = "http", host = "example.org", path = ""}},
    {"https://Example.ORG:8443/a/b;c=1/?q=1&r#top",
        {scheme = "https", host = "example.org", port = "8443", path = "/a/b;c=1/", query = "q=1&r", fragment = "top"}},
    {"ftp://joe:pass%3A1@10.0.0.1/etc", {scheme = "ftp", userinfo = "joe:pass:1", host = "10.0.0.1", path = "/etc"}},
    {"ldap://[2001:db8::9]:389/o=x??sub", {scheme = "ldap", host = "2001:db8::9", port = "389", path = "/o=x",
        query = "?sub"}},
    {"x://[v7.a:b]/", {scheme = "x", host = "v7.a:b", path = "/"}},
    {"mailto:ann@example.org", {scheme = "mailto", path = "ann@example.org"}},
    {"urn:isbn:0-395-36341-1", {scheme = "urn", path = "isbn:0-395-36341-1"}},
    {"file:/etc/hosts", {scheme = "file", path = "/etc/hosts"}},
    {"about:", {scheme = "about"}},
    {"http://h:/%41%20b?x=%41", {scheme = "http", host = "h", port = "", path = "/A b", query = "x=%41"}},
    {"svn+ssh://h//double//slash", {scheme = "svn+ssh", host = "h", path = "//double//slash"}},
}

function test_uris()
    for _, case in ipairs(whole) do check(uri.uri, case[1], case[2]) end
end

function test_fragments_are_decoded_as_a_whole()
    check(uri.uri, "http://h/#a%20b%2Fc", {scheme = "http", host = "h", path = "/", fragment = "a b/c"})
end

function test_references_are_whole_or_relative()
    for _, case in ipairs(whole) do check(uri.uri_reference, case[1], case[2]) end
    check(uri.uri_reference, "", {})
    check(uri.uri_reference, "page.html?x=1", {path = "page.html", query = "x=1"})
    check(uri.uri_reference, "../up/./here", {path = "../up/./here"})
    check(uri.uri_reference, "/from/root#f", {path = "/from/root", fragment = "f"})
    check(uri.uri_reference, "//h:81/p", {host = "h", port = "81", path = "/p"})
    check(uri.uri_reference, "?q", {query = "q"})
    check(uri.uri_reference, "#", {fragment = ""})
end

function test_what_is_none()
    for _, text in ipairs{"", "page.html", "/root", "1http://h/", "http://h/ ", "http://[::1", "http://1.2.3.256/",
        "http://h/%zz", "a b:c"} do
        assert(uri.uri:match(text) == nil, text)
    end
    for _, text in ipairs{":x", "a:b c", "//h:port/", "http://h/\0", "a%"} do
        assert(uri.uri_reference:match(text) == nil, text)
    end
end

function test_queries()
    check(uri.url_query, "", {})
    check(uri.url_query, "a", {a = ""})
    check(uri.url_query, "a=", {a = ""})
    check(uri.url_query, "a=1&b=2&c", {a = "1", b = "2", c = ""})
    check(uri.url_query, "a=1&a=2", {a = "2"})
    check(uri.url_query, "a+b=c+d%26e%3D", {["a b"] = "c d&e="})
    check(uri.url_query, "a=b=c&&&d=%zz%", {a = "b=c", d = "%zz%"})
    check(uri.url_query, "a=1&", {a = "1"})
    for _, text in ipairs{"=", "&", "=a", "&a=1"} do assert(uri.url_query:match(text) == nil, text) end
end

function test_hostile_texts()
    for _, grammar in ipairs{uri.uri, uri.uri_reference, uri.url_query} do
        assert(not pcall(grammar.match, grammar, nil))
        assert(not pcall(grammar.match, grammar, {}))
    end
    local long = "http://h/" .. string.rep("a/", 100000)
    assert(#uri.uri:match(long).path == 200001)
    assert(uri.uri:match(string.rep("a", 200000)) == nil)
    assert(uri.uri:match("http://" .. string.rep("a:", 50000)) == nil)
    assert(uri.url_query:match(string.rep("a=1&", 50000)).a == "1")
    assert(#uri.url_query:match(string.rep("%41", 50000) .. "=1") == 0)
end
