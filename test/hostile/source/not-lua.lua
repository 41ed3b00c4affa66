-- a script that is not Lua at all is refused
-- expect: load HKT_SANDBOX_SCRIPT *
{"this": "is JSON", "and": ["no", "Lua"]}
