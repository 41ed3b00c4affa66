/**
 * Lua 5.1's package library as the standalone interpreter has it: searchers that a program may change, `package.path`,
 * `package.loaded`, `package.preload`. Written in Lua, so that both engines have the same. C libraries are not loaded.
 *
 * The chunk is called with: a function that tells whether a file can be opened, the initial path, and the engine's own
 * `require`, which makes the standard libraries.
 */
export const PACKAGES_NAME = '=[package]';

export const PACKAGES = String.raw`
local readable, path, native = ...
local error, type, tostring, setmetatable, setfenv, loadfile, getfenv, next, select =
  error, type, tostring, setmetatable, setfenv, loadfile, getfenv, next, select
local loaded, preload = {}, {}
local _G = _G
loaded._G = _G
for _, name in ipairs{"string", "table", "math", "os", "coroutine", "debug"} do
  loaded[name] = native(name)
end
loaded.io = io
local gsub, gmatch, find, sub, match = string.gsub, string.gmatch, string.find, string.sub, string.match

package = {
  loaded = loaded,
  preload = preload,
  path = path,
  cpath = "",
  config = "/\n;\n?\n!\n-",
}
loaded.package = package
local package = package

local function check(value, index, name)
  if type(value) == "string" then return value end
  if type(value) == "number" then return tostring(value) end
  local got = value == nil and "no value" or type(value)
  error("bad argument #" .. index .. " to '" .. name .. "' (string expected, got " .. got .. ")", 3)
end

local function search_preload(name)
  local loader = preload[name]
  if loader == nil then return "\n\tno field package.preload['" .. name .. "']" end
  return loader
end

local function search_path(name)
  local templates = package.path
  if type(templates) ~= "string" then error("'package.path' must be a string") end
  local file = gsub(name, "%.", "/")
  local tried = ""
  for template in gmatch(templates, "[^;]+") do
    local candidate = gsub(template, "%?", (gsub(file, "%%", "%%%%")))
    if readable(candidate) then
      local chunk, message = loadfile(candidate)
      if chunk then return chunk end
      error("error loading module '" .. name .. "' from file '" .. candidate .. "':\n\t" .. message, 0)
    end
    tried = tried .. "\n\tno file '" .. candidate .. "'"
  end
  return tried
end

package.loaders = { search_preload, search_path }

function package.loadlib()
  return nil, "dynamic libraries not enabled; check your Lua installation", "absent"
end

function package.seeall(module)
  if type(module) ~= "table" then
    error("bad argument #1 to 'seeall' (table expected, got " .. type(module) .. ")", 2)
  end
  local meta = getmetatable(module)
  if not meta then
    meta = {}
    setmetatable(module, meta)
  end
  meta.__index = _G
end

local LOADING = newproxy()

function require(...)
  local name = check((...), 1, "require")
  local value = loaded[name]
  if value then
    if value == LOADING then error("loop or previous error loading module '" .. name .. "'", 2) end
    return value
  end
  local loaders = package.loaders
  if type(loaders) ~= "table" then error("'package.loaders' must be a table", 2) end
  local tried = ""
  local index = 1
  local loader
  while true do
    local searcher = loaders[index]
    if searcher == nil then error("module '" .. name .. "' not found:" .. tried, 2) end
    loader = searcher(name)
    if type(loader) == "function" then break end
    if type(loader) == "string" then tried = tried .. loader end
    index = index + 1
  end
  loaded[name] = LOADING
  local result = loader(name)
  if result ~= nil then loaded[name] = result end
  if loaded[name] == LOADING then loaded[name] = true end
  return loaded[name]
end

local function find_table(name)
  local table = _G
  for part in gmatch(name, "[^.]+") do
    local inner = rawget(table, part)
    if inner == nil then
      inner = {}
      table[part] = inner
    elseif type(inner) ~= "table" then
      return nil
    end
    table = inner
  end
  return table
end

function module(...)
  local name = check((...), 1, "module")
  local table = loaded[name]
  if type(table) ~= "table" then
    table = find_table(name)
    if not table then error("name conflict for module '" .. name .. "'", 2) end
    loaded[name] = table
  end
  if table._NAME == nil then
    table._M = table
    table._NAME = name
    table._PACKAGE = match(name, "^(.*%.)[^.]*$") or ""
  end
  setfenv(2, table)
  for i = 2, select("#", ...) do
    local option = select(i, ...)
    option(table)
  end
end
`;
