-- a repetition whose length overflows is refused
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
require 'string'
function process_message()
    string.rep('ab', 2 ^ 63)
    return 0
end
