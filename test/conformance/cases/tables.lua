--# the length of constructors
print(#{}, #{1}, #{1, 2, 3}, #{nil}, #{n = 1}, #{1, 2, n = 3}, #{[1] = "a"}, #{[1] = "a", [2] = "b"})
print(#{1, nil}, #{1, nil, 3}, #{"a", "b", nil, "d"})
--# the length of a constructor that begins with nil
--! interpreted: gives another border
print(#{nil, nil, 3}, #{n = 1, nil, nil, 3}, #{nil, 2})
--# the length while growing and shrinking at the end
local t = {}
for i = 1, 20 do t[i] = i end
print(#t)
for i = 20, 11, -1 do t[i] = nil end
print(#t)
t[#t + 1] = "x"
print(#t, t[11])
--# a table that is filled backwards
local t = {}
for i = 10, 1, -1 do t[i] = i * i end
print(#t, t[1], t[10], table.concat(t, " "))
--# a table that is filled in a mixed order
local t = {}
for _, i in ipairs({5, 3, 1, 4, 2, 8, 7, 6}) do t[i] = i end
print(#t, table.concat(t, " "))
--# constructors with keys, expressions and separators
local k = "key"
local t = {1; 2, [k] = 3, [k .. 2] = 4; [1.5] = 5, [true] = 6, x = 7, 8,}
print(#t, t.key, t.key2, t[1.5], t[true], t.x, t[3])
--# later fields of a constructor win
local t = {x = 1, x = 2, [1] = "a", "b", [2] = "c", "d"}
print(t.x, t[1], t[2])
--# keys of every type
local f, t2 = function() end, {}
local t = {[f] = "f", [t2] = "t", [true] = "b", [false] = "nb", [1] = "n", ["1"] = "s", [1.5] = "x", [-1] = "neg", [""] = "empty"}
print(t[f], t[t2], t[true], t[false], t[1], t["1"], t[1.5], t[-1], t[""])
--# integers and floats are one key
local t = {}
t[1] = "a" t[1.0] = "b" t[2^53] = "c" t["2"] = "text"
print(t[1], t[2^53], t[2], #t)
t[0] = "zero" print(t[-0], t[0])
t[-0] = "minus" print(t[0])
--# nil and NaN as keys of reads
local t = {1, 2}
print(t[nil], t[0/0], t[1/0], t[-1/0])
t[1/0] = "inf"
print(t[math.huge], t[-math.huge])
--# huge and negative indices
local t = {}
t[2^31] = 1 t[-2^31] = 2 t[1e15] = 3 t[2^63] = 4 t[1e300] = 5
print(t[2147483648], t[-2147483648], t[1e15], t[2^63], t[1e300], #t)
--# deleting and adding again
local t = {a = 1, b = 2}
t.a = nil print(t.a, next(t)) t.a = 3 print(t.a, t.b)
t.a = nil t.b = nil print(next(t))
--# next over the array part and beyond its end
local t = {10, 20}
print(next(t)) print(next(t, 1)) print(next(t, 2)) print(pcall(next, t, "x")) print(next({}))
--# next after an index that is not there
--! all: an index beyond the list ends the traversal
print(pcall(next, {10, 20}, 3))
--# pairs goes over everything once
local t = {1, 2, 3, a = 4, b = 5, [10] = 6, [1.5] = 7, [true] = 8}
local n, s = 0, 0
for k, v in pairs(t) do n = n + 1 s = s + v end
print(n, s)
--# pairs goes over lists in order
local s = ""
for k, v in pairs({"a", "b", "c", "d"}) do s = s .. k .. v end
print(s)
--# removal of the current key in pairs
local t = {}
for i = 1, 50 do t[i] = i t["k" .. i] = i end
local n = 0
for k in pairs(t) do t[k] = nil n = n + 1 end
print(n, next(t))
--# removal of other keys in pairs
local t = {}
for i = 1, 20 do t["k" .. i] = i end
local seen = 0
for k in pairs(t) do seen = seen + 1 for j = 1, 20 do if "k" .. j ~= k then t["k" .. j] = nil end end end
print(seen)
--# changing values in pairs
local t = {a = 1, b = 2, 3, 4}
for k, v in pairs(t) do t[k] = v * 10 end
print(t.a, t.b, t[1], t[2])
--# nested pairs over one table
local t = {a = 1, b = 2, 3}
local n = 0
for k in pairs(t) do for k2 in pairs(t) do n = n + 1 end end
print(n)
--# next by hand
local t, keys = {x = 1, y = 2, 5}, {}
local k, v = next(t)
while k do keys[#keys + 1] = tostring(k) .. "=" .. v k, v = next(t, k) end
table.sort(keys)
print(table.concat(keys, " "))
--# ipairs stops at the first nil
for i, v in ipairs({1, 2, nil, 4}) do print(i, v) end
for i, v in ipairs({n = 1, [2] = 2}) do print("never") end
for i, v in ipairs({false, 0}) do print(i, v) end
--# ipairs sees elements that are added
local t = {1}
for i, v in ipairs(t) do if i < 4 then t[i + 1] = i * 2 end print(i, v) end
--# table.insert and table.remove
local t = {}
table.insert(t, "a") table.insert(t, "c") table.insert(t, 2, "b") table.insert(t, 1, "0") table.insert(t, 5, "e")
print(table.concat(t, " "), #t)
print(table.remove(t), table.remove(t, 1), table.remove(t, 2), table.concat(t, " "))
print(table.remove(t), table.remove(t), table.remove(t), table.remove(t), #t)
print(select("#", table.remove({})), select("#", table.remove({}, 1)), select("#", table.insert({}, 1)))
--# table.insert and table.remove out of range
local t = {1, 2, 3}
table.insert(t, 10, "far") print(t[10], #t)
print(table.remove(t, 7), table.remove({1, 2}, 0), table.remove({1, 2}, 3))
local u = {}
table.insert(u, 5, "x") print(u[5], #u)
table.insert(u, 0, "zero") print(u[0], u[1])
print(pcall(table.insert, {}, 1, 2, 3)) print(pcall(table.insert, {})) print(pcall(table.insert, 1, 2)) print(pcall(table.insert, {}, "x", 2))
--# table.insert of nil
local t = {1, 2}
table.insert(t, nil) print(#t)
table.insert(t, 1, nil) print(t[1], t[2], t[3])
--# table.concat
print(table.concat({}), table.concat({"a"}), table.concat({"a", "b"}, ", "), table.concat({1, 2.5, -3}, ";"))
print(table.concat({"a", "b", "c"}, "-", 2), table.concat({"a", "b", "c"}, "-", 2, 3), table.concat({"a", "b", "c"}, "-", 3, 2), table.concat({"a"}, 5))
print(pcall(table.concat, {1, {}, 3})) print(pcall(table.concat, {"a", nil, "c"}, ",", 1, 3)) print(pcall(table.concat, {true})) print(pcall(table.concat, {}, {}))
print(pcall(table.concat, {"a"}, ",", 1, 2))
--# table.sort
local t = {5, 2, 8, 1, 9, 3}
table.sort(t) print(table.concat(t, " "))
table.sort(t, function(a, b) return a > b end) print(table.concat(t, " "))
local w = {"pear", "apple", "fig", "Apple", "", "apples"}
table.sort(w) print(table.concat(w, ","))
table.sort(w, function(a, b) return #a < #b or #a == #b and a < b end) print(table.concat(w, ","))
--# table.sort of many
local t, x = {}, 42
for i = 1, 500 do x = (x * 1103515245 + 12345) % 2147483648 t[i] = x end
table.sort(t)
local ok = true
for i = 2, 500 do if t[i - 1] > t[i] then ok = false end end
print(ok, t[1], t[250], t[500])
--# table.sort of equal, sorted and reversed elements
local function check(t) table.sort(t) return table.concat(t, "") end
print(check({1, 1, 1, 1, 1}), check({1, 2, 3, 4, 5, 6, 7, 8}), check({8, 7, 6, 5, 4, 3, 2, 1}), check({2, 1}), check({1}), check({}))
--# table.sort with errors
print(pcall(table.sort, {1, "x", 2})) print(pcall(table.sort, {{}, {}})) print(pcall(table.sort, {3, 1, nil, 2}) ~= nil)
print(pcall(table.sort, {2, 1}, 5)) print(pcall(table.sort, 5)) print(pcall(table.sort, {1, true}))
print(pcall(table.sort, {3, 2, 1}, function() error("cmp", 0) end))
print(pcall(table.sort, {1, 2, 3, 4, 5}, function() return true end))
--# table.sort with __lt
local mt = {__lt = function(a, b) return a.v < b.v end}
local t = {}
for i, v in ipairs({3, 1, 2}) do t[i] = setmetatable({v = v}, mt) end
table.sort(t)
print(t[1].v, t[2].v, t[3].v)
--# table.sort with a comparator that gives other values
local t = {3, 1, 2}
table.sort(t, function(a, b) if a < b then return 1 end end)
print(table.concat(t, " "))
--# table.getn, setn, maxn, foreach and foreachi
print(table.getn({1, 2, 3}), table.maxn({1, 2, [10] = 3, [5.5] = 1, x = 1}), table.maxn({}), table.maxn({[-1] = 1}))
print(pcall(table.setn, {}, 1))
print(table.foreach({"a", "b"}, function(k, v) if v == "b" then return k end end))
print(table.foreachi({"a", "b"}, function(i, v) print(i, v) end))
print(table.foreachi({"a", "b"}, function(i, v) return v end))
--# tables compare by identity
local a, b = {}, {}
print(a == b, a == a, a ~= b, {} == {}, rawequal(a, a))
--# a queue
local q, head, tail = {}, 1, 0
for i = 1, 100 do tail = tail + 1 q[tail] = i if i % 3 == 0 then q[head] = nil head = head + 1 end end
local s = 0
while head <= tail do s = s + q[head] q[head] = nil head = head + 1 end
print(s, next(q))
--# a set and its operations
local function set(t) local s = {} for _, v in ipairs(t) do s[v] = true end return s end
local function text(s) local l = {} for k in pairs(s) do l[#l + 1] = k end table.sort(l) return "{" .. table.concat(l, ", ") .. "}" end
local a, b = set({1, 2, 3}), set({2, 3, 4})
local u, i = {}, {}
for k in pairs(a) do u[k] = true if b[k] then i[k] = true end end
for k in pairs(b) do u[k] = true end
print(text(u), text(i))
--# a matrix and a sparse matrix
local m = {}
for i = 1, 3 do m[i] = {} for j = 1, 3 do m[i][j] = i * j end end
print(m[2][3], m[3][3], #m, #m[1])
local s = setmetatable({}, {__index = function(t, i) local r = setmetatable({}, {__index = function() return 0 end}) rawset(t, i, r) return r end})
s[5][7] = 1
print(s[5][7], s[5][8], s[1][1])
--# linked lists
local list
for i = 1, 5 do list = {value = i, next = list} end
local s = ""
while list do s = s .. list.value list = list.next end
print(s)
--# fields whose names differ in case and length
local t = {a = 1, A = 2, aa = 3, aA = 4, [""] = 5, [" "] = 6}
print(t.a, t.A, t.aa, t.aA, t[""], t[" "])
--# dynamic and constant access meet
local t = {}
t.x = 1
local k = "x"
print(t[k]) t[k] = 2 print(t.x) t["y"] = 3 print(t.y)
for _, n in ipairs({"x", "y", "z"}) do t[n] = (t[n] or 0) + 10 end
print(t.x, t.y, t.z)
t[k] = nil
print(t.x, rawget(t, "x"))
--# many keys
local t = {}
for i = 1, 2000 do t["key" .. i] = i end
local s = 0
for i = 1, 2000, 2 do s = s + t["key" .. i] t["key" .. i] = nil end
local n = 0
for _ in pairs(t) do n = n + 1 end
print(s, n, t.key2, t.key1)
--# a list with holes that are filled
local t = {}
for i = 1, 100, 2 do t[i] = i end
for i = 2, 100, 2 do t[i] = i end
print(#t)
local s = 0
for i, v in ipairs(t) do s = s + v end
print(s)
--# the element at zero and at minus one
local t = {[0] = "zero", "one", [-1] = "minus"}
print(t[0], t[1], t[-1], #t)
local n = 0
for _ in pairs(t) do n = n + 1 end
print(n)
--# copies are shallow
local inner = {1}
local a = {inner, x = inner}
local b = {}
for k, v in pairs(a) do b[k] = v end
b.x[1] = 2
print(a.x[1], b[1] == a[1], a == b)
--# a call that is followed by a field gives one value
local function two() return 1, 2 end
local t = {two(), x = 1}
print(#t, t[1], t[2], t.x)
local function all(...) return {..., x = 1} end
print(#all(7, 8, 9), #{two(), two(), y = 2}, #{x = 1, two()})
--# loops that begin with numbers and end with something else
local function mixed(n, s)
  local r = {}
  local x = 1
  for i = 1, 4 do
    r[#r + 1] = tostring(x + n)
    if i == 2 then x = s end
  end
  return table.concat(r, " ")
end
print(mixed(1, 5), mixed(2, "7"), pcall(mixed, 1, {}))
local function climb(a, b) local n = 0 while a < b do a = a * 2 n = n + 1 end return n, a end
print(climb(1, 100)) print(climb("a", "b") ~= nil and 1 or pcall(climb, "a", "b"))
