--[[
Slow query logs of MySQL and its relatives; each grammar captures a table from one entry.

  slow_query_grammar, short_slow_query_grammar
                  Query_time, Lock_time (seconds), Rows_sent, Rows_examined, timestamp, sql; Last_insert, Insert_id
  mariadb_slow_query_grammar, mariadb_short_slow_query_grammar
                  also Thread_id, Schema, QC_hit, and Full_scan, Full_join, Tmp_table, Tmp_table_on_disk, Filesort,
                  Filesort_on_disk, Merge_passes
  percona_slow_query_grammar
                  also Connection_id, Thread_id, Schema, Last_errno, Killed, Rows_affected, Rows_read, Bytes_sent,
                  Tmp_tables, Tmp_disk_tables, Tmp_table_sizes, Stored_routine, QC_hit.. as above, InnoDB_IO_r_ops,
                  InnoDB_IO_r_bytes, InnoDB_IO_r_wait, InnoDB_rec_lock_wait, InnoDB_queue_wait, InnoDB_pages_distinct

All but the short ones also capture Username, Host and Host_ip. Numbers are numbers, with {value, representation} where they
have a unit ("s" or "B"); yes and no are text; timestamp is text, the nanoseconds since 1970; sql ends in its semicolon.
--]]

local lpeg = require "lpeg"
local ip = require "lpeg.ip_address"

local tonumber = tonumber

lpeg.locale(lpeg)
local P, S, Cc, Cg, Ct = lpeg.P, lpeg.S, lpeg.Cc, lpeg.Cg, lpeg.Ct
local digit, alnum = lpeg.digit, lpeg.alnum

local newline = P"\n"
local rest_of_line = (1 - newline)^0 * newline
local space = lpeg.space^1

local integer = P"-"^-1 * digit^1 / tonumber
local seconds = Ct(Cg(digit^1 * "." * digit^1 / tonumber, "value") * Cg(Cc"s", "representation"))
local bytes = Ct(Cg(integer, "value") * Cg(Cc"B", "representation"))
local yes_no = P"Yes" + "No"
local name = (alnum + S"-._~")^0

-- "label: value", captured under the label.
local function item(label, value)
    return P(label .. ": ") * Cg(value, label)
end

-- Items in pairs of label and value, with `separator` between them.
local function items(separator, list)
    local grammar = item(list[1], list[2])
    for i = 3, #list, 2 do grammar = grammar * separator * item(list[i], list[i + 1]) end
    return grammar
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Before the statement

local time = "# Time: " * rest_of_line

local account = (1 - S"[]")^0 * "[" * Cg((1 - S"[]")^0, "Username") * "]"
local host = Cg(ip.hostname^-1, "Host") * lpeg.space^0 * "[" * Cg((1 - P"]")^1, "Host_ip") * "]"
local user = "# User@Host: " * account * space * "@" * space * host

local query = "# " * items(space, {
    "Query_time", seconds, "Lock_time", seconds, "Rows_sent", integer, "Rows_examined", integer}) * newline

-- ---------------------------------------------------------------------------------------------------------------------
-- The statement

local use = "use " * rest_of_line
local set = "SET "
    * ("last_insert_id=" * Cg(integer, "Last_insert") * ",")^0
    * ("insert_id=" * Cg(integer, "Insert_id") * ",")^0
    * "timestamp=" * Cg(digit^1 / "%0000000000", "timestamp") * ";\n"
local administrator = "# administrator command: " * rest_of_line
local statement_end = ";" * (newline + -1)
local sql = Cg(((1 - P";")^1 + (1 - statement_end))^0 * statement_end, "sql")
local statement = use^0 * set * administrator^0 * sql

-- ---------------------------------------------------------------------------------------------------------------------
-- MariaDB

local thread = "# " * items("  ", {"Thread_id", integer, "Schema", name, "QC_hit", yes_no}) * newline

local scans = items("  ", {
    "Full_scan", yes_no, "Full_join", yes_no, "Tmp_table", yes_no, "Tmp_table_on_disk", yes_no}) * newline
    * "# " * items("  ", {"Filesort", yes_no, "Filesort_on_disk", yes_no, "Merge_passes", integer}) * newline

local mariadb_query = thread * query * ("# " * scans)^0

-- ---------------------------------------------------------------------------------------------------------------------
-- Percona

local connection = "  Id:" * space * Cg(integer, "Connection_id") * newline

local state = "# " * (item("Thread_id", integer) * "  ")^-1
    * items("  ", {"Schema", name, "Last_errno", integer, "Killed", integer}) * newline

local percona_query = "# " * items("  ", {
    "Query_time", seconds, "Lock_time", seconds, "Rows_sent", integer, "Rows_examined", integer,
    "Rows_affected", integer}) * ("  " * item("Rows_read", integer))^0 * newline

local footprint = "# " * item("Bytes_sent", bytes) * ("  " * items("  ", {
    "Tmp_tables", integer, "Tmp_disk_tables", integer, "Tmp_table_sizes", bytes}))^0 * newline

local routine = "# Stored routine: " * Cg((alnum + S"_.-")^1, "Stored_routine") * newline

local plan = "# QC_Hit: " * Cg(yes_no, "QC_hit") * "  " * scans

local innodb = "#   " * items("  ", {
    "InnoDB_IO_r_ops", integer, "InnoDB_IO_r_bytes", bytes, "InnoDB_IO_r_wait", seconds}) * newline
    * "#   " * items("  ", {"InnoDB_rec_lock_wait", seconds, "InnoDB_queue_wait", seconds}) * newline
    * "#   " * item("InnoDB_pages_distinct", integer) * newline

-- ---------------------------------------------------------------------------------------------------------------------

return {
    slow_query_grammar = Ct(time^0 * user * newline * query * statement),
    mariadb_slow_query_grammar = Ct(time^0 * user * newline * mariadb_query * statement),
    percona_slow_query_grammar = Ct(time^0 * user * newline^0 * connection^0 * state^0 * percona_query
        * footprint^0 * routine^0 * plan^0 * innodb^0 * statement),
    short_slow_query_grammar = Ct(query * statement),
    mariadb_short_slow_query_grammar = Ct(mariadb_query * statement),
}
