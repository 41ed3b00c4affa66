--[[
Log lines of the Postfix mail system.

  postfix_match(programname, message, extract_keyvalue_data)
      programname is that of syslog ("postfix/smtpd": what follows the first slash is the daemon). Returns a table of what
      the daemon's line says, or nil for lines and daemons that are not known. With extract_keyvalue_data the text
      postfix_keyvalue_data ("to=<a@b.c>, relay=none, ...") is split, and the client, relay and delays in it once more.

Names begin with postfix_ (but dns_name and dns_type of DNS look-ups). Hosts and addresses are {value, representation};
postfix_delay is a number; counts, ports, sizes and codes are {value = n, value_type = 2}, the others numbers or text.

Daemons: anvil bounce cleanup discard dnsblog error lmtp local master mc-milter pickup pipe postdrop postscreen postsuper qmgr
scache sendmail smtp smtpd tlsmgr tlsproxy trivial_rewrite virtual; and, for pieces of lines, relay_info delays keyvalue_data.
--]]

return {
    postfix_match = require "lpeg.postfix_lines".build_match(false),
}
