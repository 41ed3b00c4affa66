-- an unterminated first line is no way into the next one
-- expect: load HKT_SANDBOX_SCRIPT *
return = 1
