-- Tests of lpeg.mysql.
require "string"
local mysql = require "lpeg.mysql"

local function equal(actual, expected, what)
    if type(actual) == "table" and type(expected) == "table" then
        equal(actual.value, expected.value, what)
        equal(actual.representation, expected.representation, what)
    elseif actual ~= expected then
        error(string.format("%s: expected %s, got %s", what, tostring(expected), tostring(actual)), 2)
    end
end

local function check(grammar, entry, expected)
    local fields = grammar:match(entry)
    if not fields then error("no match: " .. entry, 2) end
    for name, value in pairs(expected) do equal(fields[name], value, name) end
    for name in pairs(fields) do
        if expected[name] == nil then error("unexpected " .. name, 2) end
    end
end

local function seconds(n) return {value = n, representation = "s"} end
local function bytes(n) return {value = n, representation = "B"} end

local USER = "# User@Host: app[app_rw] @ db-1.Example.org [192.0.2.5]\n"
local QUERY = "# Query_time: 3.500000  Lock_time: 0.000125 Rows_sent: 7  Rows_examined: 90001\n"
local STATEMENT = "SET timestamp=1500000000;\nSELECT ';' AS a\nFROM t; -- no end\nWHERE x = 1;\n"
local SQL = "SELECT ';' AS a\nFROM t; -- no end\nWHERE x = 1;\n"

-- A table of all of these.
local function merged(...)
    local all = {}
    for _, t in ipairs{...} do
        for key, value in pairs(t) do all[key] = value end
    end
    return all
end

local of_user = {Username = "app_rw", Host = "db-1.example.org", Host_ip = "192.0.2.5"}
local of_query = {Query_time = seconds(3.5), Lock_time = seconds(0.000125), Rows_sent = 7, Rows_examined = 90001}
local of_statement = {timestamp = "1500000000000000000", sql = SQL}

function test_an_entry_of_mysql()
    check(mysql.slow_query_grammar, USER .. QUERY .. STATEMENT, merged(of_user, of_query, of_statement))
end

function test_an_entry_with_all_that_there_may_be()
    local entry = "# Time: 170714  4:40:00\n" .. USER .. QUERY .. "use shop;\nuse other;\n"
        .. "SET last_insert_id=5,insert_id=6,timestamp=1500000000;\n# administrator command: Quit\nCOMMIT;"
    check(mysql.slow_query_grammar, entry, merged(of_user, of_query,
        {timestamp = "1500000000000000000", sql = "COMMIT;", Last_insert = 5, Insert_id = 6}))
end

function test_users_without_a_host_name()
    local entry = "# User@Host: [] @  [::1]\n" .. QUERY .. STATEMENT
    check(mysql.slow_query_grammar, entry, merged({Username = "", Host = "", Host_ip = "::1"}, of_query, of_statement))
    local other = "# User@Host: a.b-c_d[a.b-c_d] @ localhost []\n" .. QUERY .. STATEMENT
    assert(mysql.slow_query_grammar:match(other) == nil, "no address")
end

function test_a_short_entry()
    check(mysql.short_slow_query_grammar, QUERY .. STATEMENT, merged(of_query, of_statement))
    assert(mysql.short_slow_query_grammar:match(USER .. QUERY .. STATEMENT) == nil)
end

local THREAD = "# Thread_id: 42  Schema: shop-1.x  QC_hit: No\n"
local SCANS = "# Full_scan: Yes  Full_join: No  Tmp_table: Yes  Tmp_table_on_disk: No\n"
    .. "# Filesort: Yes  Filesort_on_disk: No  Merge_passes: 2\n"
local of_thread = {Thread_id = 42, Schema = "shop-1.x", QC_hit = "No"}
local of_scans = {
    Full_scan = "Yes", Full_join = "No", Tmp_table = "Yes", Tmp_table_on_disk = "No", Filesort = "Yes",
    Filesort_on_disk = "No", Merge_passes = 2,
}

function test_entries_of_mariadb()
    check(mysql.mariadb_slow_query_grammar, USER .. THREAD .. QUERY .. STATEMENT,
        merged(of_user, of_thread, of_query, of_statement))
    check(mysql.mariadb_slow_query_grammar, "# Time: now\n" .. USER .. THREAD .. QUERY .. SCANS .. STATEMENT,
        merged(of_user, of_thread, of_query, of_scans, of_statement))
    check(mysql.mariadb_short_slow_query_grammar, THREAD .. QUERY .. SCANS .. STATEMENT,
        merged(of_thread, of_query, of_scans, of_statement))
    assert(mysql.mariadb_slow_query_grammar:match(USER .. QUERY .. STATEMENT) == nil, "no thread")
end

local PERCONA_USER = "# User@Host: app[app_rw] @ db-1.Example.org [192.0.2.5]"
local PERCONA_QUERY = "# Query_time: 3.5  Lock_time: 0.000125  Rows_sent: 7  Rows_examined: 90001  Rows_affected: 4"
local of_percona = merged(of_query, {Rows_affected = 4})

function test_entries_of_percona()
    check(mysql.percona_slow_query_grammar,
        PERCONA_USER .. "\n" .. PERCONA_QUERY .. "\n" .. STATEMENT, merged(of_user, of_percona, of_statement))
    local entry = "# Time: 170714\n" .. PERCONA_USER .. "  Id:   17\n# Schema: shop  Last_errno: 0  Killed: 1\n"
        .. PERCONA_QUERY .. "  Rows_read: 8\n"
        .. "# Bytes_sent: 300  Tmp_tables: 1  Tmp_disk_tables: 2  Tmp_table_sizes: 4096\n# Stored routine: shop.do_it\n"
        .. "# QC_Hit: Yes  " .. string.sub(SCANS, 3)
        .. "#   InnoDB_IO_r_ops: 3  InnoDB_IO_r_bytes: 8192  InnoDB_IO_r_wait: 0.5\n"
        .. "#   InnoDB_rec_lock_wait: 0.25  InnoDB_queue_wait: 0.125\n#   InnoDB_pages_distinct: 11\n" .. STATEMENT
    check(mysql.percona_slow_query_grammar, entry, merged(of_user, of_percona, of_scans, of_statement, {
        Connection_id = 17, Schema = "shop", Last_errno = 0, Killed = 1, Rows_read = 8, Bytes_sent = bytes(300),
        Tmp_tables = 1, Tmp_disk_tables = 2, Tmp_table_sizes = bytes(4096), Stored_routine = "shop.do_it",
            QC_hit = "Yes",
        InnoDB_IO_r_ops = 3, InnoDB_IO_r_bytes = bytes(8192), InnoDB_IO_r_wait = seconds(0.5),
        InnoDB_rec_lock_wait = seconds(0.25), InnoDB_queue_wait = seconds(0.125), InnoDB_pages_distinct = 11,
    }))
    local threaded = PERCONA_USER .. "\n# Thread_id: 9  Schema:   Last_errno: 1  Killed: 0\n" .. PERCONA_QUERY
        .. "\n# Bytes_sent: 1\n" .. STATEMENT
    check(mysql.percona_slow_query_grammar, threaded, merged(of_user, of_percona, of_statement,
        {Thread_id = 9, Schema = "", Last_errno = 1, Killed = 0, Bytes_sent = bytes(1)}))
end

function test_truncated_entries()
    local entry = USER .. QUERY .. "SET timestamp=1500000000;\nSELECT 1;\n"
    for length = 0, #entry - 2 do
        assert(mysql.slow_query_grammar:match(string.sub(entry, 1, length)) == nil, length)
    end
    assert(mysql.slow_query_grammar:match(string.sub(entry, 1, #entry - 1)).sql == "SELECT 1;")
end

function test_hostile_entries()
    for _, grammar in pairs(mysql) do
        assert(not pcall(grammar.match, grammar, nil))
        assert(not pcall(grammar.match, grammar, {}))
        assert(grammar:match("") == nil)
        assert(grammar:match(string.rep("# Time: x\n", 20000)) == nil)
    end
    local sql = string.rep("INSERT INTO t VALUES (';');", 20000)
    local fields = mysql.short_slow_query_grammar:match(QUERY .. "SET timestamp=1;\n" .. sql)
    assert(#fields.sql == #sql)
    assert(mysql.short_slow_query_grammar:match(QUERY .. "SET timestamp=1;\n" .. sql .. " ") == nil)
end
