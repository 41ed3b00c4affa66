--[[
Entries of MariaDB's slow query log; those of MySQL have mysql_slow_query. The statement is the Payload, the client's address
the Hostname; the fields are Query_time, Lock_time, Rows_sent, Rows_examined, Thread_id, Schema and QC_hit. The Type is
mariadb.slow-query. Another text fails.

  [slow_queries]
  type = "LogstreamerInput"
  log_directory = "/var/log/mariadb"
  file_match = 'mariadb-slow\.log'
  splitter = "slow_query_splitter"
  decoder = "mariadb_slow_query"

  [slow_query_splitter]
  type = "RegexSplitter"
  delimiter = '\n(# User@Host:)'
  delimiter_eol = false

  [mariadb_slow_query]
  type = "SandboxDecoder"
  filename = "lua_decoders/mariadb_slow_query.lua"
    [mariadb_slow_query.config]
    truncate_sql = 64    # longest statement in bytes, "..." behind what is cut; negative: so many bytes are cut from
                         # the end; not cut unless set
--]]

local string = require "string"
local mysql = require "mysql"

local longest = read_config("truncate_sql")

function process_message()
    local msg = mysql.mariadb_slow_query_grammar:match(read_message("Payload"))
    if not msg then return -1 end
    msg.Type = "mariadb.slow-query"
    if longest and #msg.Payload > longest then msg.Payload = string.sub(msg.Payload, 1, longest) .. "..." end
    inject_message(msg)
    return 0
end
