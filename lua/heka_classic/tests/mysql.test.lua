-- Tests of mysql as Heka 0.11 has it.
require "string"
local mysql = require "mysql"

local USER = "# User@Host: app[app] @  [192.0.2.5]\n"
local QUERY = "# Query_time: 3.5  Lock_time: 0.25 Rows_sent: 7  Rows_examined: 9\n"
local THREAD = "# Thread_id: 42  Schema: shop  QC_hit: No\n"
local STATEMENT = "use shop;\nSET last_insert_id=1,insert_id=2,timestamp=1400000000;\nSELECT 1;\n"

-- The fields' names are those and no others.
local function check(msg, names)
    assert(msg.Timestamp == "1400000000000000000" and msg.Payload == "SELECT 1;\n")
    assert(msg.Fields.Query_time.value == 3.5 and msg.Fields.Query_time.representation == "s")
    assert(msg.Fields.Lock_time.value == 0.25 and msg.Fields.Rows_sent == 7 and msg.Fields.Rows_examined == 9)
    local expected = {Query_time = true, Lock_time = true, Rows_sent = true, Rows_examined = true}
    for _, name in ipairs(names) do expected[name] = true end
    for name in pairs(msg.Fields) do assert(expected[name], name) end
    for name in pairs(expected) do assert(msg.Fields[name] ~= nil, name) end
    for name in pairs(msg) do
        assert(name == "Timestamp" or name == "Payload" or name == "Hostname" or name == "Fields", name)
    end
end

function test_entries_become_messages()
    local msg = mysql.slow_query_grammar:match(USER .. QUERY .. STATEMENT)
    assert(msg.Hostname == "192.0.2.5")
    check(msg, {})
    msg = mysql.mariadb_slow_query_grammar:match(USER .. THREAD .. QUERY .. STATEMENT)
    assert(msg.Hostname == "192.0.2.5" and msg.Fields.Thread_id == 42)
    check(msg, {"Thread_id", "Schema", "QC_hit"})
end

function test_short_entries_have_no_host()
    local msg = mysql.short_slow_query_grammar:match(QUERY .. STATEMENT)
    assert(msg.Hostname == nil)
    check(msg, {})
    msg = mysql.mariadb_short_slow_query_grammar:match(THREAD .. QUERY
        .. "# Full_scan: Yes  Full_join: No  Tmp_table: Yes  Tmp_table_on_disk: No\n"
        .. "# Filesort: Yes  Filesort_on_disk: No  Merge_passes: 2\n" .. STATEMENT)
    assert(msg.Hostname == nil and msg.Fields.Merge_passes == 2)
    check(msg, {"Thread_id", "Schema", "QC_hit", "Full_scan", "Full_join", "Tmp_table", "Tmp_table_on_disk", "Filesort",
        "Filesort_on_disk", "Merge_passes"})
end

function test_other_texts()
    for _, grammar in pairs(mysql) do
        assert(grammar:match("") == nil)
        assert(grammar:match(string.rep("# ", 50000)) == nil)
        assert(not pcall(grammar.match, grammar, nil))
    end
end
