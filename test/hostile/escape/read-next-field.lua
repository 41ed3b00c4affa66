-- fields are read to their end and no further
-- expect: lives
function process_message()
    for i = 1, 100 do read_next_field() end
    assert(read_next_field() == nil)
    assert(select('#', read_next_field()) == 5)
    return 0
end
