--[[
Messages of sendmail about one mail: "<id>: key=value, key=value, ...".

Exports
  grammar   captures a table: sendmailid, and each key with its value as text. The value of stat
            goes to the end of the line, that of any other key to the next ", ". Of equal keys the
            last wins.
--]]

local l = require "lpeg"
l.locale(l)

local rawset = rawset

local separator = l.P", "
local id = l.Cg(l.alnum^-8 * l.digit^6, "sendmailid")
local status = l.Cg(l.C"stat" * "=" * l.C(l.P(1)^0))
local pair = l.Cg(l.C(l.alpha^1) * "=" * l.C((1 - separator)^1)) * separator^-1

local M = {}

M.grammar = l.Cf(l.Ct(id) * ": " * (status + pair)^0, rawset)

return M
