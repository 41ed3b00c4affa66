-- lpeg.log_template: messages written as text with placeholders.
local l = require "lpeg"
local string = require "string"
local template = require "lpeg.log_template"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual),
            tostring(expected)), 2)
    end
end

local message = template.compiler{ hex = l.xdigit^1 }

local function match(text, line)
    return l.Ct(message(text)):match(line)
end

local function refused(text, detail)
    local ok, err = pcall(message, text)
    equal(ok, false, text)
    if not string.find(err, detail, 1, true) then error(err, 2) end
end

function test_a_name_captures_the_text_before_the_next_literal()
    local fields = match("user {user}, from {host}.", "user ann, from h.")
    equal(fields.user, "ann")
    equal(fields.host, "h")
    equal(match("user {user},", "user ,").user, "")
    equal(match("user {user},", "user ann"), nil)
end

function test_a_name_before_the_end_captures_the_rest()
    equal(match("to {rest}{$}", "to a b").rest, "a b")
    equal(match("to {rest}{$}", "to ").rest, "")
end

function test_the_end_of_the_message_can_be_demanded()
    equal(type(match("done{$}", "done")), "table")
    equal(match("done{$}", "done."), nil)
    equal(type(match("done", "done.")), "table")
end

function test_patterns_capture_their_values()
    local fields = match("{n:number} {i:integer} {f:float} {w:word} {t:token} {h:hex} {r:rest}",
        "7 -7 1.5 w  ff a b")
    equal(fields.n, 7)
    equal(fields.i, -7)
    equal(fields.f, 1.5)
    equal(fields.w, "w")
    equal(fields.t, "")
    equal(fields.h, "ff")
    equal(fields.r, "a b")
end

function test_addresses_are_fields()
    local fields = match("{a:ipv4} {b:ipv6} {c:ip} {d:ip}", "192.0.2.1 ::1 192.0.2.2 fe80::1")
    equal(fields.a.value, "192.0.2.1")
    equal(fields.a.representation, "ipv4")
    equal(fields.b.representation, "ipv6")
    equal(fields.c.representation, "ipv4")
    equal(fields.d.value, "fe80::1")
end

function test_words_are_tried_in_their_order()
    equal(match("{event=open|opened for} x", "opened for x"), nil)
    equal(match("{event=opened for|open} x", "opened for x").event, "opened for")
    equal(match("{event=opened for|open} x", "open x").event, "open")
end

function test_templates_combine_with_other_patterns()
    local grammar = l.Ct(message "a={a:number}" * message " b={b:number}"^-1 * -1)
    equal(grammar:match("a=1").b, nil)
    equal(grammar:match("a=1 b=2").b, 2)
    equal(grammar:match("a=1 b="), nil)
end

function test_choice_takes_the_first_alternative_that_fits()
    local grammar = l.Ct(template.choice{ message "x {a}{$}", message "x y {b}{$}", "z" })
    equal(grammar:match("x y c").a, "y c")
    equal(type(grammar:match("z")), "table")
    equal(grammar:match("q"), nil)
    equal(template.choice{}:match(""), nil)
end

function test_malformed_templates_are_refused()
    refused("", "malformed placeholder")
    refused("a {b", "malformed placeholder")
    refused("a b}", "malformed placeholder")
    refused("a {}", "malformed placeholder")
    refused("a {b:}", "malformed placeholder")
    refused("a {b=}", "malformed placeholder")
    refused("a {b-c}", "malformed placeholder")
    refused("a {b:nothing} c", "unknown pattern 'nothing'")
    refused("a {b}", "nothing says where {b} ends")
    refused("a {b}{c:number}", "nothing says where {b} ends")
end
