-- numbers of all kinds come back exactly
-- expect: lives
-- preserve: true
nan, inf, zero, small, large = nan, inf, zero, small, large
first = first == nil
function process_message()
    if not first then
        assert(nan ~= nan and inf == 1 / 0 and 1 / zero == -1 / 0 and small == 5e-324 and large == 2 ^ 53 + 2)
    end
    nan, inf, zero, small, large = 0 / 0, 1 / 0, -0 * 1, 5e-324, 2 ^ 53 + 2
    zero = -1 / (1 / 0)
    return 0
end
