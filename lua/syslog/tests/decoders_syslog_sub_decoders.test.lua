-- decoders.syslog with sub decoders, printf messages and a field for the whole line.
local string = require "string"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s (%s), expected %s", what or "value", tostring(actual),
            type(actual), tostring(expected)), 2)
    end
end

function read_config()
    return {
        keep_data = "line",
        printf_messages = { { "%s:%lu: bad entry", "path", "linenum" }, "lpeg.openssh_portable" },
        sub_decoders = {
            sshd = { "Accepted publickey for x from 192.0.2.1 port 1 ssh2", "<<FAIL>>" },
            kernel = "lpeg.linux.kernel",
            mounter = { "/etc/fstab:7: bad entry", "<<DROP>>" },
            meter = { { { "level %d", "level" } } },
        },
    }
end

local injected
function inject_message(msg) injected[#injected + 1] = msg end

local decoder = require "decoders.syslog"

local function decode(text)
    injected = {}
    local err = decoder.decode("<38>Jul 28 10:11:12 gate " .. text, { Type = "t" })
    return injected[1], err
end

function test_the_program_chooses_the_sub_decoder()
    local msg = decode("sshd[77]: Accepted publickey for ann from 192.0.2.8 port 4242 ssh2")
    equal(msg.Type, "t")
    equal(msg.Pid, 77)
    equal(msg.Fields.programname, "sshd")
    equal(msg.Fields.user, "ann")
    equal(msg.Fields.ssh_remote_ipaddr.value, "192.0.2.8")
    equal(msg.Payload, "Accepted publickey for ann from 192.0.2.8 port 4242 ssh2")
end

function test_a_grammar_as_sub_decoder_sets_no_payload()
    local msg = decode("kernel: [1.5] IN=eth0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=60 TOS=0x00 "
        .. "PREC=0x00 TTL=63 ID=1 PROTO=47 ")
    equal(msg.Fields.nf_protocol, "47")
    equal(msg.Payload, nil)
end

function test_the_line_is_kept_in_the_field_that_was_asked_for()
    equal(decode("cron[1]: text").Fields.line, "<38>Jul 28 10:11:12 gate cron[1]: text")
    equal(decode("meter: level 3").Fields.line, "<38>Jul 28 10:11:12 gate meter: level 3")
end

function test_an_error_of_a_sub_decoder_names_it()
    local msg, err = decode("sshd[77]: something else")
    equal(msg, nil)
    equal(err, "decoders.syslog.sshd parse failed")
    msg, err = decode("kernel: nothing known")
    equal(msg, nil)
    equal(err, "decoders.syslog.kernel parse failed")
end

function test_what_a_sub_decoder_does_not_match_is_dropped_or_passed_on_as_configured()
    local msg, err = decode("mounter: fine")
    equal(msg, nil)
    equal(err, nil)
    equal(decode("mounter: /etc/fstab:9: bad entry").Fields.linenum, 9)
    msg = decode("meter: broken")
    equal(msg.Payload, "broken")
    equal(msg.Fields.level, nil)
end

function test_programs_without_a_sub_decoder_get_their_text_as_payload()
    equal(decode("cron[1]: text").Payload, "text")
end
