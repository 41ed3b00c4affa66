--[[
Grammars for the messages of programs by the names under which they log: Heka's way to the modules
lpeg.linux.*, whose captures these are.

Exports
  get_prog_grammar(name)        the grammar for a program: CRON, crontab, dhclient, dhcpd, groupadd,
                                groupdel, login, named, puppet-agent, sshd, su, sudo,
                                systemd-logind, useradd; nil for others
  get_wildcard_grammar(name)    a grammar for messages that many programs log: PAM; nil for others
  get_wildcard_grammar(names)   a list of those of the names that there are
  get_wildcard_grammar()        all of them, by name
--]]

local ipairs, pairs, require, type = ipairs, pairs, require, type

local programs = {
    CRON = "lpeg.linux.cron",
    crontab = "lpeg.linux.cron",
    dhclient = "lpeg.linux.dhclient",
    dhcpd = "lpeg.linux.dhcpd",
    groupadd = "lpeg.linux.groupadd",
    groupdel = "lpeg.linux.groupdel",
    login = "lpeg.linux.login",
    named = "lpeg.linux.named",
    ["puppet-agent"] = "lpeg.linux.puppet_agent",
    sshd = "lpeg.linux.sshd",
    su = "lpeg.linux.su",
    sudo = "lpeg.linux.sudo",
    ["systemd-logind"] = "lpeg.linux.systemd_logind",
    useradd = "lpeg.linux.useradd",
}

local wildcards = { PAM = "lpeg.linux.pam" }

-- A module is loaded when its grammar is first asked for: few scripts need more than some of them.
local function grammar_of(modules, name)
    local module = name ~= nil and modules[name]
    if module then return require(module).syslog_grammar end
end

local M = {}

function M.get_prog_grammar(name)
    return grammar_of(programs, name)
end

function M.get_wildcard_grammar(names)
    if type(names) == "string" then return grammar_of(wildcards, names) end

    local grammars = {}
    if type(names) == "table" then
        for _, name in ipairs(names) do grammars[#grammars + 1] = grammar_of(wildcards, name) end
    elseif names == nil then
        for name in pairs(wildcards) do grammars[name] = grammar_of(wildcards, name) end
    else
        return nil
    end
    return grammars
end

return M
