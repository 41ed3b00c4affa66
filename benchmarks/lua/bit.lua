-- Bitwise operations on 32-bit numbers in plain Lua, under the names of the library `bit` that some programs ask for:
-- results are signed, shift counts are taken modulo 32. Bytes are combined by a table.
local floor = math.floor
local WORD, HALF = 2 ^ 32, 2 ^ 16

local both = {}
for a = 0, 255 do
    for b = 0, 255 do
        local halves = both[floor(a / 2) * 256 + floor(b / 2)] or 0
        both[a * 256 + b] = halves * 2 + a % 2 * (b % 2)
    end
end

local function signed(x)
    return x >= 2147483648 and x - WORD or x
end

-- The bits that are set in both of two numbers of 32 bits without a sign.
local function common(a, b)
    local result, scale = 0, 1
    while a > 0 and b > 0 do
        local low, other = a % 256, b % 256
        result = result + both[low * 256 + other] * scale
        a, b, scale = (a - low) / 256, (b - other) / 256, scale * 256
    end
    return result
end

local function word(x)
    return floor(x) % WORD
end

local function tobit(x)
    return signed(word(x))
end

local function bnot(x)
    return signed(WORD - 1 - word(x))
end

local function band(a, b, ...)
    local result = signed(common(a % WORD, b % WORD))
    if ... then
        return band(result, ...)
    end
    return result
end

local function bor(a, b, ...)
    a, b = a % WORD, b % WORD
    local result = signed(a + b - common(a, b))
    if ... then
        return bor(result, ...)
    end
    return result
end

local function bxor(a, b, ...)
    a, b = a % WORD, b % WORD
    local result = signed(a + b - 2 * common(a, b))
    if ... then
        return bxor(result, ...)
    end
    return result
end

local function lshift(x, n)
    n = n % 32
    -- The bits that fall out are cut off first: the product stays exact.
    return signed(x % 2 ^ (32 - n) * 2 ^ n)
end

local function rshift(x, n)
    return signed(floor(x % WORD / 2 ^ (n % 32)))
end

local function arshift(x, n)
    return floor(tobit(x) / 2 ^ (n % 32))
end

local function rol(x, n)
    n = n % 32
    x = x % WORD
    return signed(x % 2 ^ (32 - n) * 2 ^ n + floor(x / 2 ^ (32 - n)))
end

local function ror(x, n)
    return rol(x, 32 - n % 32)
end

local function bswap(x)
    x = x % WORD
    local low = x % HALF
    local high = (x - low) / HALF
    local first, second = low % 256, floor(low / 256)
    local third, fourth = high % 256, floor(high / 256)
    return signed(((first * 256 + second) * 256 + third) * 256 + fourth)
end

local function tohex(x, n)
    n = n or 8
    local digits = n < 0 and "%08X" or "%08x"
    return string.format(digits, word(x)):sub(-math.abs(n))
end

return {
    tobit = tobit, tohex = tohex, bnot = bnot, band = band, bor = bor, bxor = bxor, bswap = bswap,
    lshift = lshift, rshift = rshift, arshift = arshift, rol = rol, ror = ror,
}
