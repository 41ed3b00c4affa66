--# quick sort by hand
local function qs(t, lo, hi) if lo < hi then local p, i = t[hi], lo - 1 for j = lo, hi - 1 do if t[j] <= p then i = i + 1 t[i], t[j] = t[j], t[i] end end t[i + 1], t[hi] = t[hi], t[i + 1] qs(t, lo, i) qs(t, i + 2, hi) end end
local t, x = {}, 7
for i = 1, 60 do x = (x * 131 + 17) % 1009 t[i] = x end
qs(t, 1, #t)
print(table.concat(t, " "))
--# the sieve of Eratosthenes
local n, p, out = 100, {}, {}
for i = 2, n do if p[i] == nil then out[#out + 1] = i for j = i * i, n, i do p[j] = false end end end
print(table.concat(out, " "))
--# eight queens
local n, count = 8, 0
local cols, d1, d2 = {}, {}, {}
local function place(r) if r > n then count = count + 1 return end for c = 1, n do if not cols[c] and not d1[r + c] and not d2[r - c + n] then cols[c], d1[r + c], d2[r - c + n] = true, true, true place(r + 1) cols[c], d1[r + c], d2[r - c + n] = nil, nil, nil end end end
place(1)
print(count)
--# towers of Hanoi
local moves = 0
local function hanoi(n, a, b, c) if n > 0 then hanoi(n - 1, a, c, b) moves = moves + 1 hanoi(n - 1, c, b, a) end end
hanoi(10, "a", "b", "c")
print(moves)
--# Ackermann's function
local function ack(m, n) if m == 0 then return n + 1 elseif n == 0 then return ack(m - 1, 1) end return ack(m - 1, ack(m, n - 1)) end
print(ack(2, 3), ack(1, 5))
--# a JSON writer and reader
local function encode(v) local t = type(v) if t == "table" then local parts = {} if #v > 0 then for i, x in ipairs(v) do parts[i] = encode(x) end return "[" .. table.concat(parts, ",") .. "]" end local keys = {} for k in pairs(v) do keys[#keys + 1] = k end table.sort(keys) for i, k in ipairs(keys) do parts[i] = string.format("%q:%s", k, encode(v[k])) end return "{" .. table.concat(parts, ",") .. "}" elseif t == "string" then return string.format("%q", v) end return tostring(v) end
local function decode(s) local pos = 1 local value local function skip() pos = s:match("^%s*()", pos) end
  function value() skip() local c = s:sub(pos, pos) if c == "{" then local o = {} pos = pos + 1 skip() if s:sub(pos, pos) == "}" then pos = pos + 1 return o end repeat local k = value() skip() pos = pos + 1 o[k] = value() skip() local d = s:sub(pos, pos) pos = pos + 1 until d == "}" return o elseif c == "[" then local a = {} pos = pos + 1 skip() if s:sub(pos, pos) == "]" then pos = pos + 1 return a end repeat a[#a + 1] = value() skip() local d = s:sub(pos, pos) pos = pos + 1 until d == "]" return a elseif c == '"' then local str, e = s:match('^"(.-)"()', pos) pos = e return str end local n, e = s:match("^(-?[%d.]+)()", pos) if n then pos = e return tonumber(n) end local w, e2 = s:match("^(%a+)()", pos) pos = e2 if w == "true" then return true elseif w == "false" then return false end end
  return value() end
print(encode(decode('{"a": [1, 2.5, {"b": "text"}], "c": true, "d": {"e": -3, "f": []}}')))
--# word frequencies
local text = "the quick brown fox jumps over the lazy dog the fox"
local count = {}
for w in text:gmatch("%a+") do count[w] = (count[w] or 0) + 1 end
local words = {}
for w in pairs(count) do words[#words + 1] = w end
table.sort(words, function(a, b) return count[a] > count[b] or count[a] == count[b] and a < b end)
for i = 1, 4 do print(words[i], count[words[i]]) end
--# the game of life
local w, h, g = 8, 8, {}
for y = 1, h do g[y] = {} for x = 1, w do g[y][x] = 0 end end
for _, p in ipairs({{2, 1}, {3, 2}, {1, 3}, {2, 3}, {3, 3}}) do g[p[2]][p[1]] = 1 end
for gen = 1, 8 do local n = {} for y = 1, h do n[y] = {} for x = 1, w do local s = 0 for dy = -1, 1 do for dx = -1, 1 do if dx ~= 0 or dy ~= 0 then s = s + g[(y + dy - 1) % h + 1][(x + dx - 1) % w + 1] end end end n[y][x] = (s == 3 or s == 2 and g[y][x] == 1) and 1 or 0 end end g = n end
for y = 1, h do print(table.concat(g[y])) end
--# Mandelbrot in texts
for y = -1.2, 1.2, 0.4 do local line = "" for x = -2, 0.6, 0.1 do local zr, zi, n = 0, 0, 0 while n < 30 and zr * zr + zi * zi < 4 do zr, zi, n = zr * zr - zi * zi + x, 2 * zr * zi + y, n + 1 end line = line .. (n == 30 and "#" or n > 5 and "+" or ".") end print(line) end
--# a priority queue
local Heap = {} Heap.__index = Heap
function Heap.new(cmp) return setmetatable({cmp = cmp, n = 0}, Heap) end
function Heap:push(v) self.n = self.n + 1 local i = self.n self[i] = v while i > 1 do local p = (i - i % 2) / 2 if self.cmp(self[i], self[p]) then self[i], self[p] = self[p], self[i] i = p else break end end end
function Heap:pop() local v = self[1] self[1] = self[self.n] self[self.n] = nil self.n = self.n - 1 local i = 1 while true do local l, m = 2 * i, i if l <= self.n and self.cmp(self[l], self[m]) then m = l end if l + 1 <= self.n and self.cmp(self[l + 1], self[m]) then m = l + 1 end if m == i then break end self[i], self[m] = self[m], self[i] i = m end return v end
local h, out = Heap.new(function(a, b) return a < b end), {}
for _, v in ipairs({5, 3, 8, 1, 9, 2, 7}) do h:push(v) end
while h.n > 0 do out[#out + 1] = h:pop() end
print(table.concat(out, " "))
--# a stack machine
local ops = {add = function(s) s[#s - 1] = s[#s - 1] + s[#s] s[#s] = nil end, mul = function(s) s[#s - 1] = s[#s - 1] * s[#s] s[#s] = nil end, dup = function(s) s[#s + 1] = s[#s] end}
local function run(code) local s = {} for tok in code:gmatch("%S+") do if tonumber(tok) then s[#s + 1] = tonumber(tok) elseif ops[tok] then ops[tok](s) else error("unknown word " .. tok, 0) end end return unpack(s) end
print(run("2 3 add dup mul"), pcall(run, "1 bogus"))
--# memoisation with weak tables
local calls = 0
local function memo(f) local cache = setmetatable({}, {__mode = "k"}) return function(x) local v = cache[x] if v == nil then v = f(x) cache[x] = v end return v end end
local sq = memo(function(x) calls = calls + 1 return x * x end)
print(sq(4), sq(4), sq(5), calls)
--# compose, curry, map and fold
local function map(f, t) local r = {} for i, v in ipairs(t) do r[i] = f(v) end return r end
local function fold(f, a, t) for _, v in ipairs(t) do a = f(a, v) end return a end
local function compose(...) local fs = {...} return function(...) local r = {...} for i = #fs, 1, -1 do r = {fs[i](unpack(r))} end return unpack(r) end end
local function curry(f, n) n = n or 2 if n < 2 then return f end local function helper(args, left) return function(x) local a = {unpack(args)} a[#a + 1] = x if left == 1 then return f(unpack(a)) end return helper(a, left - 1) end end return helper({}, n) end
print(table.concat(map(function(x) return x * x end, {1, 2, 3}), " "), fold(function(a, b) return a + b end, 0, {1, 2, 3, 4}), compose(tostring, function(x) return x + 1 end)(41), curry(function(a, b, c) return a + b * c end, 3)(1)(2)(3))
--# objects with private state and a counter of instances
local count = 0
local function Account(b) count = count + 1 local balance = b return {deposit = function(n) balance = balance + n return balance end, get = function() return balance end} end
local a, b = Account(10), Account(20)
a.deposit(5)
print(a.get(), b.get(), count)
--# multiple inheritance
local function search(k, list) for i = 1, #list do local v = list[i][k] if v then return v end end end
local function class(...) local parents = {...} local c = setmetatable({}, {__index = function(t, k) local v = search(k, parents) t[k] = v return v end}) c.__index = c function c:new(o) return setmetatable(o or {}, c) end return c end
local Named, Moved = {}, {}
function Named:name() return self.n end
function Moved:move(d) self.x = (self.x or 0) + d return self.x end
local C = class(Named, Moved)
local o = C:new({n = "thing"})
print(o:name(), o:move(2), o:move(3), rawget(C, "move") == Moved.move)
--# a rational number class
local R = {} R.__index = R
local function gcd(a, b) while b ~= 0 do a, b = b, a % b end return a end
local function rat(n, d) local g = gcd(math.abs(n), d) return setmetatable({n = n / g, d = d / g}, R) end
R.__add = function(a, b) return rat(a.n * b.d + b.n * a.d, a.d * b.d) end
R.__mul = function(a, b) return rat(a.n * b.n, a.d * b.d) end
R.__lt = function(a, b) return a.n * b.d < b.n * a.d end
R.__eq = function(a, b) return a.n == b.n and a.d == b.d end
R.__tostring = function(a) return a.n .. "/" .. a.d end
local s = rat(0, 1)
for i = 1, 8 do s = s + rat(1, i) * rat(1, i + 1) end
print(s, rat(1, 2) < rat(2, 3), rat(1, 2) <= rat(1, 3), rat(2, 4) == rat(1, 2))
--# big factorials in a list of digits
local d = {1}
for n = 2, 30 do local c = 0 for i = 1, #d do local v = d[i] * n + c d[i] = v % 10 c = (v - v % 10) / 10 end while c > 0 do d[#d + 1] = c % 10 c = (c - c % 10) / 10 end end
print(table.concat(d):reverse())
--# a tokenizer
local function tokens(s) local i, out = 1, {} while i <= #s do local a, b = s:find("^%s+", i) if a then i = b + 1 else local kind, text for _, r in ipairs({{"num", "^%d+%.?%d*"}, {"id", "^[%a_][%w_]*"}, {"op", "^[-+*/()=<>]"}}) do local a, b = s:find(r[2], i) if a then kind, text, i = r[1], s:sub(a, b), b + 1 break end end if not kind then error("bad character " .. s:sub(i, i) .. " at " .. i) end out[#out + 1] = kind .. ":" .. text end end return table.concat(out, " ") end
print(tokens("x1 = 3.14*(y + 2)")) print(pcall(tokens, "a ? b"))
--# an expression evaluator by recursive descent
local function calc(s) local p = 1 local expr local function peek() p = s:match("^%s*()", p) return s:sub(p, p) end
  local function atom() local c = peek() if c == "(" then p = p + 1 local v = expr() if peek() ~= ")" then error("')' expected", 0) end p = p + 1 return v elseif c == "-" then p = p + 1 return -atom() end local n, e = s:match("^(%d+%.?%d*)()", p) if not n then error("number expected at " .. p, 0) end p = e return tonumber(n) end
  local function term() local v = atom() while true do local c = peek() if c == "*" then p = p + 1 v = v * atom() elseif c == "/" then p = p + 1 v = v / atom() else return v end end end
  function expr() local v = term() while true do local c = peek() if c == "+" then p = p + 1 v = v + term() elseif c == "-" then p = p + 1 v = v - term() else return v end end end
  return expr() end
print(calc("1 + 2 * 3"), calc("(1 + 2) * -3 / 4"), pcall(calc, "2 * (3"), pcall(calc, "1 +"))
--# a linear congruential generator and a histogram
local seed, h = 12345, {}
for i = 1, 1000 do seed = (seed * 16807) % 2147483647 local b = math.floor(seed / 2147483647 * 5) h[b] = (h[b] or 0) + 1 end
print(h[0], h[1], h[2], h[3], h[4])
--# statistics of a ring buffer
local size, ring, head, n = 5, {}, 0, 0
local function push(v) head = head % size + 1 ring[head] = v n = math.min(n + 1, size) end
local function mean() local s = 0 for i = 1, n do s = s + ring[i] end return s / n end
for i = 1, 12 do push(i * 1.5) end
print(mean(), table.concat(ring, " "))
--# binary trees
local function tree(d) if d == 0 then return {} end return {tree(d - 1), tree(d - 1)} end
local function check(t) if t[1] then return 1 + check(t[1]) + check(t[2]) end return 1 end
print(check(tree(8)))
--# string buffer against concatenation
local parts, s = {}, ""
for i = 1, 200 do local x = string.format("%03d", i) parts[#parts + 1] = x s = s .. x end
print(table.concat(parts) == s, #s)
--# a deep copy with cycles
local function copy(v, seen) if type(v) ~= "table" then return v end seen = seen or {} if seen[v] then return seen[v] end local c = {} seen[v] = c for k, x in pairs(v) do c[copy(k, seen)] = copy(x, seen) end return setmetatable(c, getmetatable(v)) end
local a = {1, {2, 3}, x = {y = "z"}} a.self = a
local b = copy(a)
print(b ~= a, b.self == b, b[2][2], b.x.y, b.x ~= a.x)
