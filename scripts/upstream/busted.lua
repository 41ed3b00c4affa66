-- Runs test files that are written for busted: describe, it, before_each and the rest, with luassert for the assertions.
-- As a script its arguments are test files; as a module it gives the words to files that ask for them.
-- Prints one line per failure and a last line with the counts; the exit status says whether anything failed.
local luassert = require("luassert")

local busted = {}
local passed, failed, pending = 0, 0, 0
-- The block whose body is running, and what the running test wants done at its end.
local block, finalizers

local function new_block(name, parent)
    return {name = name, parent = parent, children = {}, setup = {}, teardown = {}, before_each = {}, after_each = {}}
end

local function text_of(err)
    if type(err) == "table" and not (getmetatable(err) or {}).__tostring then
        return tostring(err.message or err)
    end
    return tostring(err)
end

local function full_name(at)
    local names = {}
    while at and at.name do
        table.insert(names, 1, at.name)
        at = at.parent
    end
    return table.concat(names, " ")
end

local function fail(name, err)
    failed = failed + 1
    print("FAIL " .. name .. ": " .. text_of(err))
end

local function try(name, f)
    local ok, err = xpcall(f, function(e)
        return type(e) == "string" and os.getenv("UPSTREAM_TRACEBACK") and debug.traceback(e, 2) or e
    end)
    if not ok then
        fail(name, err)
    end
    return ok
end

local function call_all(list)
    for _, f in ipairs(list) do
        f()
    end
end

-- Of every block around a test: the outermost first.
local function before_all(at)
    if at then
        before_all(at.parent)
        call_all(at.before_each)
    end
end

local function after_all(at)
    while at do
        call_all(at.after_each)
        at = at.parent
    end
end

local function run_test(test, at)
    finalizers = {}
    local snapshot = luassert:snapshot()
    local name = full_name(at) .. " " .. test.name
    local ok = try(name, function()
        before_all(at)
        test.body()
    end)
    local own = finalizers
    local clean = try(name .. " (after)", function()
        call_all(own)
        after_all(at)
    end)
    snapshot:revert()
    if ok and clean then
        passed = passed + 1
    end
end

local function run_block(at)
    block = at
    local ok = try(full_name(at), at.body)
    block = at.parent
    if not ok or not try(full_name(at), function() call_all(at.setup) end) then
        return
    end
    for _, child in ipairs(at.children) do
        if child.children then
            run_block(child)
        else
            run_test(child, at)
        end
    end
    try(full_name(at), function() call_all(at.teardown) end)
end

function busted.describe(name, body)
    local child = new_block(name, block)
    child.body = body
    table.insert(block.children, child)
end

function busted.it(name, body)
    table.insert(block.children, {name = name, body = body})
end

function busted.pending()
    pending = pending + 1
end

function busted.finally(f)
    table.insert(finalizers, f)
end

for _, kind in ipairs({"setup", "teardown", "before_each", "after_each"}) do
    busted[kind] = function(f)
        table.insert(block[kind], f)
    end
end
busted.context, busted.insulate, busted.expose = busted.describe, busted.describe, busted.describe
busted.test, busted.spec = busted.it, busted.it
busted.strict_setup, busted.lazy_setup = busted.setup, busted.setup
busted.strict_teardown, busted.lazy_teardown = busted.teardown, busted.teardown

package.loaded.busted = busted
for name, value in pairs(busted) do
    _G[name] = value
end
assert = luassert
for _, name in ipairs({"spy", "stub", "mock", "match"}) do
    _G[name] = require("luassert." .. name)
end
-- Coverage is not measured here.
package.preload.luacov = function() return {} end

for _, file in ipairs(arg) do
    local root = new_block()
    root.body = function()
        local chunk, err = loadfile(file)
        if not chunk then
            error(err, 0)
        end
        chunk()
    end
    run_block(root)
end
print(string.format("%d passed, %d failed, %d pending", passed, failed, pending))
os.exit(failed == 0 and passed > 0 and 0 or 1)
