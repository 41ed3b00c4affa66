-- lpeg.sendmail
local string = require "string"
local grammar = require("lpeg.sendmail").grammar

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual),
            tostring(expected)), 2)
    end
end

function test_a_line_gives_the_id_and_its_pairs_as_text()
    local fields = grammar:match("w2BAb3Cd004711: from=<ann@example.org>, size=512, class=0, "
        .. "nrcpts=2, relay=mx.example.org [192.0.2.25]")
    equal(fields.sendmailid, "w2BAb3Cd004711")
    equal(fields.from, "<ann@example.org>")
    equal(fields.size, "512")
    equal(fields.nrcpts, "2")
    equal(fields.relay, "mx.example.org [192.0.2.25]")
end

function test_the_status_takes_the_rest_of_the_line()
    local fields = grammar:match("w2BAb3Cd004711: to=<bob@example.org>, dsn=2.0.0, "
        .. "stat=Sent (queued, id=7, host=a)")
    equal(fields.to, "<bob@example.org>")
    equal(fields.stat, "Sent (queued, id=7, host=a)")
    equal(fields.id, nil)
end

function test_of_equal_keys_the_last_wins()
    equal(grammar:match("w2BAb3Cd004711: to=a, to=b").to, "b")
end

function test_a_key_that_begins_like_stat_is_an_ordinary_key()
    local fields = grammar:match("w2BAb3Cd004711: status=x, pri=1")
    equal(fields.status, "x")
    equal(fields.pri, "1")
end

function test_lines_without_a_mail_id_do_not_match()
    equal(grammar:match(""), nil)
    equal(grammar:match("NOQUEUE: connect from x"), nil)
    equal(grammar:match("w2BAb3Cd00471"), nil)
    equal(grammar:match("w2BAb3Cd004711"), nil)
end

function test_what_is_no_pair_ends_the_pairs()
    local fields = grammar:match("w2BAb3Cd004711: a=1, =2, b=3")
    equal(fields.a, "1")
    equal(fields.b, nil)
    equal(next(grammar:match("w2BAb3Cd004711: ")), "sendmailid")
end

function test_a_huge_line_is_parsed()
    local line = "w2BAb3Cd004711: " .. string.rep("k=v, ", 20000) .. "last=1"
    local fields = grammar:match(line)
    equal(fields.k, "v")
    equal(fields.last, "1")
end
