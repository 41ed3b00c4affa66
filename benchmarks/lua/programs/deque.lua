-- A double-ended queue with moving ends, a stack, and table.insert and table.remove in the middle.
local insert, remove = table.insert, table.remove

local Deque = {}
Deque.__index = Deque

local function new()
    return setmetatable({first = 1, last = 0}, Deque)
end

function Deque:push(value)
    self.last = self.last + 1
    self[self.last] = value
end

function Deque:unshift(value)
    self.first = self.first - 1
    self[self.first] = value
end

function Deque:pop()
    local value = self[self.last]
    self[self.last] = nil
    self.last = self.last - 1
    return value
end

function Deque:shift()
    local value = self[self.first]
    self[self.first] = nil
    self.first = self.first + 1
    return value
end

return function(n)
    local sum = 0
    local queue, stack, list = new(), {}, {}
    for i = 1, n do
        queue:push(i)
        if i % 5 == 0 then
            queue:unshift(-i)
        end
        if queue.last - queue.first > 100 then
            sum = sum + queue:shift()
            if i % 3 == 0 then
                sum = sum - queue:pop()
            end
        end
        stack[#stack + 1] = i
        if #stack > 50 then
            sum = sum + remove(stack)
            stack[#stack] = nil
        end
        insert(list, 1 + i % (#list + 1), i)
        if #list > 20 then
            sum = sum + remove(list, 1 + i % 20)
        end
    end
    return sum + #stack + #list
end
