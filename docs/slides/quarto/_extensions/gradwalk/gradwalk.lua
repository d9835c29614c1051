-- A filter for Quarto and pandoc: a program in the text of the deck becomes a walk in it.
--
--   ```{.python .gradwalk step=loss}        or        ::: {.gradwalk ex=lecture width=960}
--   w = torch.tensor(2., requires_grad=True)          :::
--   (w * w).backward()
--   ```
--
-- In HTML it is the player in a frame, and in reveal.js each step is a fragment; elsewhere (PDF, PowerPoint, Word) it is the picture of its step.
-- Attributes are the view's parameters, and `width`, `height`, `steps`, `title`; the document's `gradwalk-server` names the server.

local SERVER = "http://127.0.0.1:8000"
local OWN = { width = true, height = true, steps = true, title = true, pictures = true, src = true }
local PROGRAMS = { ex = true, expr = true, id = true, c = true }
local DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
local BLOCK = 65535 -- the longest stored block of a deflate stream

local server = SERVER

-- base64url without padding, of a string of bytes
local function base64url(bytes)
  local out = {}
  for at = 1, #bytes, 3 do
    local a, b, c = bytes:byte(at, at + 2)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    for place = 1, b == nil and 2 or c == nil and 3 or 4 do
      local digit = math.floor(bits / 64 ^ (4 - place)) % 64
      out[#out + 1] = DIGITS:sub(digit + 1, digit + 1)
    end
  end
  return table.concat(out)
end

-- A deflate stream of stored blocks: Lua has no deflate, and a server reads any valid stream.
local function stored(text)
  local blocks = {}
  for at = 1, math.max(#text, 1), BLOCK do
    local part = text:sub(at, at + BLOCK - 1)
    local last = at + BLOCK > #text and 1 or 0
    local inverted = 65535 - #part
    blocks[#blocks + 1] = string.char(last, #part % 256, #part // 256, inverted % 256, inverted // 256) .. part
  end
  return table.concat(blocks)
end

local function quoted(text)
  return (text:gsub("[^%w%-%._~]", function(char) return string.format("%%%02X", char:byte()) end))
end

local function escaped(text)
  return (text:gsub('[&<>"]', { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

-- The query string of a view: its program first, then the options as they are written, without those in `skip`.
local function query(attributes, program, skip)
  local parts = program and { "c=d1." .. base64url(stored(program)) } or {}
  for name, value in pairs(attributes) do
    if not OWN[name] and not skip[name] and not (program and PROGRAMS[name]) then
      table.insert(parts, PROGRAMS[name] and 1 or #parts + 1, name .. "=" .. quoted(value))
    end
  end
  return table.concat(parts, "&")
end

local function is_html()
  return FORMAT:match("html") or FORMAT:match("revealjs") or FORMAT:match("slid") or FORMAT:match("epub")
end

local function frame(attributes, program)
  local width, height = attributes.width or "960", attributes.height or "520"
  local title = attributes.title or "Graph of a program, step by step"
  local deck = FORMAT:match("revealjs") and not attributes.keys and "&keys=reveal" or ""
  local source = attributes.src or server .. "/embed?" .. query(attributes, program, {}) .. deck
  local more = ""
  if attributes.steps then more = more .. string.format(' data-steps="%s"', escaped(attributes.steps)) end
  if attributes.pictures then more = more .. string.format(' data-pictures="%s"', escaped(attributes.pictures)) end
  -- data-external: Quarto's embed-resources leaves the frame's address as it is
  return pandoc.RawBlock("html", string.format(
    '<iframe data-gradwalk data-external="1" src="%s" width="%s" height="%s" title="%s" style="border:0"%s></iframe>',
    escaped(source), escaped(width), escaped(height), escaped(title), more))
end

local function picture(attributes, program)
  local title = attributes.title or "Graph of a program"
  local skip = { keys = true, controls = true, autoplay = true, interval = true, predict = true }
  local address = server .. "/png?" .. query(attributes, program, skip) .. (attributes.scale and "" or "&scale=2")
  local size = attributes.width and { width = attributes.width:match("^%d+$") and attributes.width .. "px" or attributes.width } or {}
  return pandoc.Para({ pandoc.Image({ pandoc.Str(title) }, address, "", pandoc.Attr("", {}, size)) })
end

local function walk(element, program)
  local attributes = element.attributes
  local named = program or attributes.src
  for name in pairs(PROGRAMS) do named = named or attributes[name] end
  if not named then
    error("gradwalk: say which program: write it as a code block, or give ex=, expr=, id= or c=")
  end
  return is_html() and frame(attributes, program) or picture(attributes, program)
end

return {
  {
    Meta = function(meta)
      if meta["gradwalk-server"] then server = pandoc.utils.stringify(meta["gradwalk-server"]):gsub("/+$", "") end
    end,
  },
  {
    CodeBlock = function(block)
      if block.classes:includes("gradwalk") then return walk(block, block.text) end
    end,
    Div = function(div)
      if div.classes:includes("gradwalk") then return walk(div, nil) end
    end,
  },
}
