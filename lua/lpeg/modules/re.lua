--[[
Patterns written as text, in the manner of regular expressions; on top of LPeg. Also the global `re`.

  compile(text, defs)         pattern; %name, -> name, => name and ~> name are looked up in defs
  match(subject, text, init)  captures, or the position after the match
  find(subject, text, init)   first and last position of the first match
  gsub(subject, text, value)  the subject with what matches replaced as by text / value
  updatelocale()              reads the character classes anew

  'text' "text" [class] [^class] . %name      literals, classes, any byte, a class or definition by name
  name <name>  name <- p ...                  rules of a grammar, the first is where it begins
  p1 p2   p1 / p2   &p   !p   (p)             sequence, ordered choice, look-ahead, its contrary, group
  p? p* p+ p^n p^+n p^-n                      repetition: exactly n, at least n, at most n
  {} {p} {:p:} {:name: p:} {~p~} {|p|} =name  position, text, group, named group, substitution, table, same text again
  p -> 'text' p -> n p -> name p -> {}        capture through text, number, definition, table
  p => name   p ~> name                       through a function while matching; folded with a function
  -- text                                     comment to the end of the line

The text is first read into nodes (tables with a kind), from which the pattern is then built. Patterns are accepted
wherever text is, and are what compile returns for them.
--]]

local lpeg = require "lpeg"
local string = require "string"

local error, ipairs, pairs, tonumber, type = error, ipairs, pairs, tonumber, type
local format, sub = string.format, string.sub
local P, R, S, V = lpeg.P, lpeg.R, lpeg.S, lpeg.V
local C, Cb, Cc, Cf, Cg, Cmt = lpeg.C, lpeg.Cb, lpeg.Cc, lpeg.Cf, lpeg.Cg, lpeg.Cmt
local Cp, Cs, Ct = lpeg.Cp, lpeg.Cs, lpeg.Ct

local any = P(1)

-- ---------------------------------------------------------------------------------------------------------------------
-- Predefined names

local SHORT_NAMES = {
    a = "alpha", c = "cntrl", d = "digit", g = "graph", l = "lower", p = "punct",
    s = "space", u = "upper", w = "alnum", x = "xdigit",
}

local predefined

local function read_locale()
    predefined = lpeg.locale{nl = P"\n"}
    for short, name in pairs(SHORT_NAMES) do
        predefined[short] = predefined[name]
        predefined[string.upper(short)] = any - predefined[name]
    end
end
read_locale()

-- ---------------------------------------------------------------------------------------------------------------------
-- Reading

-- How much of the text an error shows.
local SHOWN_BYTES = 20

local function syntax_error(text, position)
    local rest = sub(text, position)
    if #rest > SHOWN_BYTES then rest = sub(rest, 1, SHOWN_BYTES + 1) .. "..." end
    error(format("pattern error near '%s'", rest), 0)
end
local fault = P(syntax_error)

local function node(kind, grammar)
    return Ct(Cg(Cc(kind), "kind") * grammar)
end

local syntax
do
    local blank = (predefined.space + "--" * (any - "\n")^0)^0
    local identifier = R("AZ", "az", "__") * R("AZ", "az", "__", "09")^0
    local name = C(identifier)
    local arrow = blank * "<-"
    local number = R"09"^1 / tonumber
    local quoted = "'" * C((any - "'")^0) * "'" + '"' * C((any - '"')^0) * '"'
    local sequence_end = #(S"/)}" + ":}" + "~}" + "|}" + identifier * arrow + -1)

    local definition = node("definition", "%" * name)
    local range = node("range", Cs(any * (P"-" / "") * (any - "]")))
    local class_item = definition + range + node("literal", C(any))
    local class_items = Ct(class_item * (class_item - "]")^0)
    local class = "[" * (node("complement", "^" * class_items) + node("class", -P"^" * class_items)) * "]"

    local function suffix(kind, text, operand)
        return node(kind, text * blank * operand)
    end
    local suffixes =
        node("at_least", "+" * Cc(1)) + node("at_least", "*" * Cc(0)) + node("at_least", "?" * Cc(-1))
        + node("times", "^" * number)
        + node("at_least", "^" * (S"+-" * R"09"^1 / tonumber))
        + suffix("through", "->", quoted + number)
        + suffix("table", "->", P"{}")
        + suffix("through_definition", "->", name)
        + suffix("while_matching", "=>", name)
        + suffix("fold", "~>", name)

    syntax = P{"Text",
        Text = blank * V"Pattern" * (-any + fault),
        Pattern = blank * (V"Grammar" + V"Choice"),
        Grammar = node("grammar", Ct(name * arrow * V"Pattern")^1),
        Choice = node("choice", V"Sequence" * ("/" * blank * V"Sequence")^0),
        Sequence = node("sequence", V"Prefixed"^0) * (sequence_end + fault),
        Prefixed = node("ahead", "&" * blank * V"Prefixed")
            + node("not_ahead", "!" * blank * V"Prefixed")
            + node("suffixed", V"Primary" * blank * (suffixes * blank)^0),
        Primary = "(" * V"Pattern" * ")"
            + node("literal", quoted)
            + class
            + definition
            + node("named_group", "{:" * name * ":" * V"Pattern" * ":}")
            + node("group", "{:" * -(identifier * ":") * V"Pattern" * ":}")
            + node("same_text", "=" * name)
            + node("position", "{}")
            + node("substitution", "{~" * V"Pattern" * "~}")
            + node("table", "{|" * V"Pattern" * "|}")
            + node("text", "{" * V"Pattern" * "}")
            + node("any", ".")
            + node("rule", name * -arrow + "<" * name * ">"),
    }
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Building

-- p, exactly `count` times.
local function times(p, count)
    local result = P(true)
    while count >= 1 do
        if count % 2 == 1 then result = result * p end
        count = (count - count % 2) / 2
        if count >= 1 then p = p * p end
    end
    return result
end

local function same_text(subject, position, text)
    if type(text) ~= "string" then return nil end
    local after = position + #text
    return sub(subject, position, after - 1) == text and after or nil
end

local function defined(name, defs)
    local value = defs and defs[name]
    if not value then error("undefined name: " .. name) end
    return value
end

local build

-- What builds the pattern of each kind of node. `scope` has the definitions and whether rules may be named.
local builders
builders = {
    grammar = function(n, scope)
        local inside = {defs = scope.defs, rules = true}
        local rules = {n[1][1]}
        for _, rule in ipairs(n) do
            local name, p = rule[1], build(rule[2], inside)
            if rules[name] then error("'" .. name .. "' already defined as a rule") end
            rules[name] = p
        end
        return P(rules)
    end,
    choice = function(n, scope)
        local p = build(n[1], scope)
        for i = 2, #n do p = p + build(n[i], scope) end
        return p
    end,
    sequence = function(n, scope)
        local p = P(true)
        for _, part in ipairs(n) do p = p * build(part, scope) end
        return p
    end,
    suffixed = function(n, scope)
        local p = build(n[1], scope)
        for i = 2, #n do p = builders[n[i].kind](n[i], scope, p) end
        return p
    end,
    ahead = function(n, scope) return #build(n[1], scope) end,
    not_ahead = function(n, scope) return -build(n[1], scope) end,

    literal = function(n) return P(n[1]) end,
    range = function(n) return R(n[1]) end,
    any = function() return any end,
    definition = function(n, scope)
        local value = scope.defs and scope.defs[n[1]] or predefined[n[1]]
        if not value then error("name '" .. n[1] .. "' undefined") end
        return P(value)
    end,
    class = function(n, scope)
        local p = build(n[1][1], scope)
        for i = 2, #n[1] do p = p + build(n[1][i], scope) end
        return p
    end,
    complement = function(n, scope) return any - builders.class(n, scope) end,
    rule = function(n, scope)
        if not scope.rules then error("rule '" .. n[1] .. "' used outside a grammar") end
        return V(n[1])
    end,
    same_text = function(n) return Cmt(Cb(n[1]), same_text) end,

    position = function() return Cp() end,
    text = function(n, scope) return C(build(n[1], scope)) end,
    group = function(n, scope) return Cg(build(n[1], scope)) end,
    named_group = function(n, scope) return Cg(build(n[2], scope), n[1]) end,
    substitution = function(n, scope) return Cs(build(n[1], scope)) end,
    -- Both {|p|} and p -> {}.
    table = function(n, scope, p) return Ct(p or build(n[1], scope)) end,

    at_least = function(n, scope, p) return p^n[1] end,
    times = function(n, scope, p) return times(p, n[1]) end,
    through = function(n, scope, p) return p / n[1] end,
    through_definition = function(n, scope, p) return p / defined(n[1], scope.defs) end,
    while_matching = function(n, scope, p) return Cmt(p, defined(n[1], scope.defs)) end,
    fold = function(n, scope, p) return Cf(p, defined(n[1], scope.defs)) end,
}

function build(n, scope)
    return builders[n.kind](n, scope)
end

local function compile(text, defs)
    if lpeg.type(text) == "pattern" then return text end
    local tree = syntax:match(text)
    if not tree then error("incorrect pattern", 3) end
    return build(tree, {defs = defs, rules = false})
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Matching

-- Patterns of the texts that were used, each with the replacement that was asked of it last. When there are many the texts
-- are likely made by a program, and those of long ago are let go, all at once.
local KEPT_PATTERNS = 200

local kept, kept_count

local function forget()
    kept, kept_count = {}, 0
end
forget()

local function entry(text)
    local found = kept[text]
    if not found then
        found = {pattern = compile(text)}
        if kept_count >= KEPT_PATTERNS then forget() end
        kept[text], kept_count = found, kept_count + 1
    end
    return found
end

local function match(subject, text, init)
    return entry(text).pattern:match(subject, init or 1)
end

local function search(text)
    local found = entry(text)
    if not found.search then
        found.search = P{Cp() * (found.pattern / 0) * Cp() + 1 * V(1)}
    end
    return found.search
end

local function find(subject, text, init)
    local first, after = search(text):match(subject, init or 1)
    if first then return first, after - 1 end
    return first
end

local function gsub(subject, text, value)
    local found = entry(text)
    if found.replacement ~= value or not found.replacing then
        found.replacement, found.replacing = value, Cs((found.pattern / value + 1)^0)
    end
    return found.replacing:match(subject)
end

re = {
    compile = compile,
    match = match,
    find = find,
    gsub = gsub,
    updatelocale = function()
        read_locale()
        forget()
    end,
}

return re
