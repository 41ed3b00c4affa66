--[[
Access and error logs of nginx and Apache, as Heka 0.11 has them.

  build_nginx_grammar, build_apache_grammar, normalize_user_agent   those of lpeg.common_log_format
  nginx_error_grammar   captures a message instead of fields: Timestamp (ns), Severity (0..7), Pid, Payload (the text), and
                        Fields of tid and, if there is one, connection
--]]

local common_log_format = require "lpeg.common_log_format"

local function to_message(line)
    return {
        Timestamp = line.time,
        Severity = line.severity,
        Pid = line.pid,
        Payload = line.msg,
        Fields = {tid = line.tid, connection = line.connection},
    }
end

return {
    build_nginx_grammar = common_log_format.build_nginx_grammar,
    build_apache_grammar = common_log_format.build_apache_grammar,
    normalize_user_agent = common_log_format.normalize_user_agent,
    nginx_error_grammar = common_log_format.nginx_error_grammar / to_message,
}
