-- a preservation version of any kind is borne
-- expect: lives
-- preserve: true
_PRESERVATION_VERSION = 0 / 0
n = n or 0
function process_message()
    n = n + 1
    return 0
end
