-- Runs luafun's test files: pieces of code, each followed by a comment with what it prints. arguments: files
require("fun")()

local loadstring, unpack = loadstring, unpack
local print_line = print
local output

local function write(...)
    local words = {}
    for i = 1, select("#", ...) do
        words[i] = tostring((select(i, ...)))
    end
    output[#output + 1] = table.concat(words, " ")
end

function dump(gen, init, state)
    each(print, gen, init, state)
end

function dump_state(gen, init, state)
    for s in gen, init, state do
        print(s)
    end
end

local passed, failed = 0, 0
for _, name in ipairs(arg) do
    local file = assert(io.open(name))
    local content = file:read("*a")
    file:close()
    print = write
    for piece, expected in content:gmatch("(.-)%s*%-%-%[%[test\n(.-)%-%-test%]%]") do
        output = {}
        local chunk, err = loadstring(piece)
        local ok = chunk ~= nil
        if ok then
            ok, err = pcall(chunk, piece)
        end
        if not ok then
            write("error: " .. (err:match(".-:%d+:%s*(.*)") or err))
        end
        local got = table.concat(output, "\n")
        if got == expected:gsub("\n$", "") then
            passed = passed + 1
        else
            failed = failed + 1
            print_line("FAIL " .. name .. ": " .. piece .. "\nexpected:\n" .. expected .. "got:\n" .. got)
        end
    end
    print = print_line
end
print(string.format("%d passed, %d failed", passed, failed))
os.exit(failed == 0 and passed > 0 and 0 or 1)
