-- Sends the prepared requests in turn and counts the answers that are not what they should be.
-- wrk.py writes a script that sets `calls`, `needle` and `times`, and then runs this file.

local threads = {}
local ready = {}
local at = 0
answers = 0
refused = 0
wrong = 0
first = ""

function setup(thread)
  thread:set("offset", #threads * 7)
  table.insert(threads, thread)
end

function init(args)
  for place, call in ipairs(calls) do
    ready[place] = wrk.format(call.method, call.path, call.headers, call.body)
  end
  at = offset
end

function request()
  at = at % #ready + 1
  return ready[at]
end

local function occurrences(body)
  local count, from = 0, 1
  while true do
    local _, last = string.find(body, needle, from, true)
    if last == nil then return count end
    count, from = count + 1, last + 1
  end
end

function response(status, headers, body)
  answers = answers + 1
  if status < 200 or status > 299 then
    refused = refused + 1
  elseif times >= 0 and occurrences(body) ~= times then
    wrong = wrong + 1
  else
    return
  end
  if first == "" then first = status .. " " .. string.sub(body, 1, 160) end
end

function done(summary, latency, requests)
  local total = { answers = 0, refused = 0, wrong = 0 }
  local example = ""
  for _, thread in ipairs(threads) do
    for name in pairs(total) do total[name] = total[name] + thread:get(name) end
    if example == "" then example = thread:get("first") end
  end
  local errors = summary.errors
  io.write(string.format(
    "\n#figures\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n",
    total.answers, total.refused, total.wrong,
    errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99),
    (string.gsub(example, "[%c]", " "))
  ))
end
