-- Classes by metatables: three levels of inheritance, overridden methods, calls of the parent's, metamethods.
local function class(parent)
    local c = {}
    c.__index = c
    if parent then
        c.__add, c.__eq, c.__tostring = parent.__add, parent.__eq, parent.__tostring
    end
    return setmetatable(c, {
        __index = parent,
        __call = function(_, ...)
            local object = setmetatable({}, c)
            object:initialize(...)
            return object
        end,
    })
end

local Shape = class()
function Shape:initialize(x, y)
    self.x, self.y = x, y
end
function Shape:area() return 0 end
function Shape:move(dx, dy)
    self.x, self.y = self.x + dx, self.y + dy
    return self
end
function Shape:weight() return self:area() + self.x - self.y end
function Shape.__add(a, b) return a:area() + b:area() end
function Shape.__eq(a, b) return a:area() == b:area() end
function Shape.__tostring(shape) return "shape of " .. shape:area() end

local Rectangle = class(Shape)
function Rectangle:initialize(x, y, width, height)
    Shape.initialize(self, x, y)
    self.width, self.height = width, height
end
function Rectangle:area() return self.width * self.height end

local Square = class(Rectangle)
function Square:initialize(x, y, side)
    Rectangle.initialize(self, x, y, side, side)
end
function Square:weight() return Shape.weight(self) * 2 end

return function(n)
    local sum = 0
    local shapes = {Rectangle(1, 2, 3, 4), Square(0, 0, 2), Shape(5, 5), Square(1, 1, 3)}
    for i = 1, n do
        local shape = shapes[1 + i % #shapes]
        sum = sum + shape:move(1, 1):weight()
        local fresh = Square(i % 3, 1, i % 10)
        sum = sum + fresh:weight() + (fresh + shape)
        if fresh == shapes[2] then
            sum = sum + #tostring(fresh)
        end
    end
    return sum
end
