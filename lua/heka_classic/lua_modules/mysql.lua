--[[
Slow query logs of MySQL and MariaDB, as Heka 0.11 has them: each grammar captures a message.

  slow_query_grammar, short_slow_query_grammar, mariadb_slow_query_grammar, mariadb_short_slow_query_grammar
      Timestamp (text, nanoseconds since 1970), Payload (the statement), Hostname (the client's address, not in the short
      ones), and Fields of what lpeg.mysql captures beside these, but for the user, the client's name and insert ids
--]]

local mysql = require "lpeg.mysql"

local NOT_FIELDS = {"timestamp", "sql", "Host_ip", "Host", "Username", "Last_insert", "Insert_id"}

local ipairs = ipairs

local function to_message(entry)
    local msg = {Timestamp = entry.timestamp, Payload = entry.sql, Hostname = entry.Host_ip, Fields = entry}
    for _, name in ipairs(NOT_FIELDS) do entry[name] = nil end
    return msg
end

return {
    slow_query_grammar = mysql.slow_query_grammar / to_message,
    short_slow_query_grammar = mysql.short_slow_query_grammar / to_message,
    mariadb_slow_query_grammar = mysql.mariadb_slow_query_grammar / to_message,
    mariadb_short_slow_query_grammar = mysql.mariadb_short_slow_query_grammar / to_message,
}
