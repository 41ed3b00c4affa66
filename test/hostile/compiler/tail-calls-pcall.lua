-- tail calls into pcall and out of it nest and end
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local n = 0
local function f() n = n + 1 return pcall(f) end
local function g() n = n + 1 return select(2, pcall(g)) end
local function h() return pcall(error, h) end
function process_message()
    f() g() h()
    assert(n > 100)
    while true do pcall(f) pcall(g) end
end
