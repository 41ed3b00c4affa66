-- lpeg.openssh_portable, through lpeg.printf
local l = require "lpeg"
local string = require "string"
local printf = require "lpeg.printf"
local openssh = require "lpeg.openssh_portable"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual),
            tostring(expected)), 2)
    end
end

local grammars = printf.load_messages{ "lpeg.openssh_portable" }

-- The grammar that a line as sample selects, applied to the line.
local function fields_of(line)
    local grammar = printf.match_sample(grammars, line)
    return grammar and grammar:match(line)
end

function test_every_message_is_a_format_with_a_column_for_each_conversion()
    equal(#openssh.printf_messages, 184)
    for i, row in ipairs(openssh.printf_messages) do
        equal(type(row[1]), "string", i)
        local text = string.gsub(row[1], "%%%%", "")
        local _, conversions = string.gsub(text, "%%", "")
        equal(#row - 1, conversions, row[1])
        equal(string.find(row[1], "[{}]"), nil, row[1])
        for column = 2, #row do
            local kind = l.type(row[column]) or type(row[column])
            if kind ~= "string" and kind ~= "pattern" then error(row[1] .. ": " .. kind) end
        end
    end
end

-- A line of the format: 7 for each number, w2, w3, ... for texts. None for formats with patterns,
-- which have tests of their own, and none where lpeg.printf cannot tell the end of a text: it reads
-- %.100s up to a space, whatever follows.
local function render(row)
    for column = 2, #row do
        if type(row[column]) ~= "string" then return nil end
    end
    if string.find(row[1], "%%%.%d+s[^ ]") then return nil end
    local column = 1
    return (string.gsub(row[1], "%%[%d.]*[hlz]*([%a%%])", function(kind)
        if kind == "%" then return "%" end
        column = column + 1
        return kind == "s" and "w" .. column or "7"
    end))
end

function test_formats_understand_their_own_lines()
    local rendered = 0
    for _, row in ipairs(openssh.printf_messages) do
        local line = render(row)
        if line then
            rendered = rendered + 1
            local fields = printf.build_grammar(row):match(line)
            if not fields then error(row[1] .. " does not match " .. line) end
            for column = 2, #row do
                if fields[row[column]] == nil then error(row[1] .. " lacks " .. row[column]) end
            end
        end
    end
    equal(rendered > 150, true)
end

function test_an_accepted_key_gives_user_and_address()
    local fields = fields_of(
        "Accepted publickey for ann from 192.0.2.8 port 4242 ssh2: RSA SHA256:x")
    equal(fields.authmsg, "Accepted")
    equal(fields.method, "publickey")
    equal(fields.submethod, nil)
    equal(fields.user, "ann")
    equal(fields.ssh_remote_ipaddr.value, "192.0.2.8")
    equal(fields.ssh_remote_ipaddr.representation, "ipv4")
    equal(fields.ssh_remote_port, 4242)
    equal(fields.extra, "RSA SHA256:x")
end

function test_a_failed_login_of_an_unknown_user_gives_its_name_alone()
    local fields = fields_of(
        "Failed keyboard-interactive/pam for invalid user guest from 2001:db8::7 port 99 ssh2")
    equal(fields.authmsg, "Failed")
    equal(fields.method, "keyboard-interactive")
    equal(fields.submethod, "pam")
    equal(fields.user, "guest")
    equal(fields.ssh_remote_ipaddr.representation, "ipv6")
    equal(fields.ssh_remote_port, 99)
end

function test_optional_words_may_be_there_or_not()
    local fields = fields_of("Server listening on 0.0.0.0 port 22.")
    equal(fields.ntop, "0.0.0.0")
    equal(fields.strport, "22")
    equal(fields_of("Server listening on :: port 2222 rdomain 3.").rdomain, "3")
    fields = fields_of("channel 3: open failed: connect failed: Connection refused")
    equal(fields.self, 3)
    equal(fields.reason2txt, "connect failed")
    equal(fields.msg, "Connection refused")
end

function test_the_most_specific_format_is_chosen()
    local fields = fields_of("User ann from 192.0.2.8 not allowed because listed in DenyUsers")
    equal(fields.pw_name, "ann")
    equal(fields.hostname, "192.0.2.8")
    fields = fields_of('sshd: set "/x" owner 1 group 2')
    equal(fields and fields.uid, nil)
    equal(fields_of('set "/x" owner 1 group 2').gid, 2)
end

function test_names_that_are_expressions_of_c_are_kept()
    equal(fields_of("padding error: need 4 block 8 mod 2")["need % block_size"], 2)
end

function test_a_huge_line_is_no_harm()
    local user = string.rep("u", 50000)
    equal(fields_of("Accepted password for " .. user .. " from 192.0.2.8 port 1 ssh2") ~= nil, true)
end
