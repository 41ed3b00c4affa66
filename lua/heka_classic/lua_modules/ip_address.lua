-- IP address grammars, by the name that Heka 0.11 knows them by. Exports and captures are those of lpeg.ip_address; Heka had
-- v4 and v6 alone.
return require "lpeg.ip_address"
