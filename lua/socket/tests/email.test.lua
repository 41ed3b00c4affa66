-- Tests of alert.email and heka.alert.email, with a mail server that is made up.
local string = require "string"

local function equal(actual, expected)
    if actual ~= expected then error("got " .. tostring(actual) .. ", expected " .. tostring(expected), 2) end
end

local email
function read_config(name)
    if name == "alert" then return {modules = {email = email}} end
end

local mail, message, refusal
local smtp = {
    message = function(what)
        message = what
        return "source"
    end,
    send = function(what)
        mail = what
        if refusal then return nil, refusal end
        return 1
    end,
}

local real_require = require
local function load_module(file, config)
    email = config
    function require(name)
        if name == "socket.smtp" then return smtp end
        if name == "socket" then return {} end
        return real_require(name)
    end
    local ok, result = pcall(assert(loadfile(file)))
    require = real_require
    return ok, result
end

local SENDER, FIELDS = "io_modules/alert/email.lua", "modules/heka/alert/email.lua"

local function alert_of(summary)
    return {
        Type = "alert",
        Payload = "detail",
        Fields = {{name = "id", value = {"i"}}, {name = "summary", value = {summary}}},
    }
end

local function refused(file, config, text)
    local ok, err = load_module(file, config)
    equal(ok, false)
    assert(string.find(err, text, 1, true), err)
end

function test_an_alert_is_a_mail_to_its_recipients()
    local _, module = load_module(SENDER, {from = "a@b", server = "mx", user = "u", _password = "p", timeout = 4})
    local recipients = {"<c@d>"}
    equal(module.send(alert_of("sum"), {recipients = recipients, footer = {"-- foot"}}), nil)
    equal(mail.from, "<a@b>")
    equal(mail.rcpt, recipients)
    equal(mail.server .. mail.user .. mail.password, "mxup")
    equal(mail.port, nil)
    equal(mail.source, "source")
    equal(smtp.TIMEOUT, 4)
    equal(message.headers.subject, "sum")
    equal(message.body, "detail-- foot")
end

function test_a_summary_of_several_lines_is_one_subject()
    local _, module = load_module(SENDER, {from = "a@b"})
    equal(module.send(alert_of("one\r\nBcc: x"), {recipients = {"<c@d>"}}), nil)
    equal(message.headers.subject, "one Bcc: x")
end

function test_a_text_has_the_line_ends_of_mail()
    local _, module = load_module(SENDER, {from = "a@b"})
    local msg = alert_of("s")
    msg.Payload = "a\n.\nb\r\n.\rc"
    equal(module.send(msg, {recipients = {"<c@d>"}}), nil)
    equal(message.body, "a\r\n.\r\nb\r\n.\r\nc")
end

function test_a_recipient_is_no_command()
    local _, module = load_module(SENDER, {from = "a@b"})
    equal(module.send(alert_of("s"), {recipients = {"<c@d>\r\nDATA"}}), "email.recipients must be addresses")
    equal(module.send(alert_of("s"), {recipients = {7}}), "email.recipients must be addresses")
end

function test_what_the_server_says_is_told()
    local _, module = load_module(SENDER, {from = "a@b"})
    refusal = "mailbox full"
    local err = module.send(alert_of("s"), {recipients = {"<c@d>"}})
    refusal = nil
    equal(err, "mailbox full")
    equal(module.send(alert_of("s"), {}), "an alert without email.recipients")
end

function test_a_wrong_configuration_is_told()
    refused(SENDER, nil, "alert.modules.email configuration must be a table")
    refused(SENDER, {}, "alert.email.from must be a string")
    refused(SENDER, {from = "a@b", port = "25"}, "alert.email.port must be a number")
    refused(SENDER, {from = "a@b", timeout = "1"}, "alert.email.timeout must be a number")
end

function test_recipients_are_a_field_of_alerts()
    local ok, fields = load_module(FIELDS, {recipients = {"a@b", "c@d"}})
    assert(ok, fields)
    equal(#fields, 1)
    equal(fields[1].name, "email.recipients")
    equal(fields[1].value[1] .. fields[1].value[2], "<a@b><c@d>")
    equal(email.recipients[1], "a@b")
end

function test_there_must_be_recipients()
    refused(FIELDS, nil, "alert.modules.email configuration must be a table")
    refused(FIELDS, {}, "recipients must be an array")
    refused(FIELDS, {recipients = {}}, "recipients must be an array")
    refused(FIELDS, {recipients = {1}}, "recipients must be strings")
end
