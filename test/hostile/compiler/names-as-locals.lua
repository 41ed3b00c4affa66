-- locals, parameters and upvalues may have the names of JavaScript's words and of the engine's
-- expect: lives
function process_message()
    local arguments, eval, this, globalThis, undefined, NaN, await, yield, let, static, class, var, const, new, null, void, typeof =
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
    local E, K, e0, f0, o, s, p, i, v, arr, hash, mt, main, self = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
    local function super(switch, case, default, try, catch, throw, finally, delete, debugger, import, export, with, enum)
        switch = switch + 1
        return arguments + eval + this + undefined + switch + enum + E + K + v + (function(with) return with + await + o end)(1)
    end
    assert(super(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13) == 1 + 2 + 3 + 5 + 2 + 13 + 1 + 2 + 9 + 1 + 7 + 5)
    assert(undefined == 5 and NaN == 6 and null == 15 and nil == ({})[1])
    local function constructor(...) local prototype, __proto__ = ... return prototype, __proto__, select('#', ...) end
    local a, b, c = constructor(1, 2, 3)
    assert(a == 1 and b == 2 and c == 3)
    return 0
end
