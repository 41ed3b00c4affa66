-- JavaScript's globals are no globals of the guest, and can be set without harm
-- expect: lives
local function check()
    assert(globalThis == nil and Function == nil and Object == nil and eval == nil and process == nil and Array == nil)
    assert(undefined == nil and NaN == nil and Infinity == nil and constructor == nil and __proto__ == nil and arguments == nil)
    assert(this == nil and await == nil and yield == nil and let == nil and E == nil and K == nil and hekateRuntime == nil)
    assert(Error == nil and Map == nil and Promise == nil and Symbol == nil and Reflect == nil and Proxy == nil and self == nil)
    assert(isolate == nil and ivm == nil and global == nil and window == nil and console == nil and WebAssembly == nil)
end
check()
function process_message()
    globalThis, Function, eval, undefined, NaN, E, K, arguments, this = 1, 2, 3, 4, 5, 6, 7, 8, 9
    assert(nil == rawget(_G, 'nothing') and 0 / 0 ~= 0 / 0 and ({})[1] == nil)
    assert(globalThis + Function + eval + undefined + NaN + E + K + arguments + this == 45)
    globalThis, Function, eval, undefined, NaN, E, K, arguments, this = nil
    check()
    return 0
end
