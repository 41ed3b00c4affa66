-- what is printed cannot forge lines of the log
-- expect: lives
-- logs: *one Plugin 'other' error: forged  [2J
function process_message()
    print('one\nPlugin \'other\' error: forged\r\27[2J')
    return 0
end
