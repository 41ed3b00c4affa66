-- library functions bear numbers of any size
-- expect: lives
require 'string'
require 'math'
require 'os'
function process_message()
    if done then return 0 end
    done = true
    local numbers = {0 / 0, 1 / 0, -1 / 0, 1e300, -1e300, 2 ^ 31, -2 ^ 31, 2 ^ 53, 2 ^ 63, -2 ^ 63, 0.5, -0.5}
    for _, a in ipairs(numbers) do
        for _, b in ipairs(numbers) do
            for _, f in ipairs{string.sub, string.byte} do pcall(f, 'some text', a, b) end
            for _, f in ipairs{math.random, math.fmod, math.pow, math.ldexp, math.max} do pcall(f, a, b) end
            pcall(string.char, a, b)
            pcall(string.rep, '', a)
            pcall(select, a, 1, 2, 3)
            pcall(tonumber, '10', a)
            pcall(tostring, a)
            pcall(string.format, '%d %5.2f %g %x %c %i %u %o %e', a, b, a, b, a, b, a, b, a)
            pcall(os.date, '%c', a)
            pcall(os.time, {year = a, month = b, day = a, hour = b})
            pcall(string.find, 'some text', 't', a)
            pcall(error, 'x', a)
            pcall(unpack, {}, a, a)
        end
    end
    return 0
end
