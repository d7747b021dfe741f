-- Uploads for wrk: every request a conversation of its own. The bodies come from the file named in BENCH_BODIES, one a line, with a place for the id.
local place = "@conversation-id@"
local run = os.getenv("BENCH_RUN")
local most = tonumber(os.getenv("BENCH_MOST"))
local before, behind, count = {}, {}, 0

function init(args)
  for line in io.lines(os.getenv("BENCH_BODIES")) do
    local first, last = line:find(place, 1, true)
    local length = #line - #place + #run + 10
    local head = "POST /api/endpoint HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " .. length .. "\r\n\r\n"
    before[#before + 1] = head .. line:sub(1, first - 1)
    behind[#behind + 1] = line:sub(last + 1)
  end
end

function request()
  count = count + 1
  if count > most then wrk.thread:stop() end
  local turn = (count - 1) % #before + 1
  return before[turn] .. run .. string.format("%010d", count) .. behind[turn]
end

function done(summary, latency, requests)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.timeout
  print(string.format('RESULT {"answered": %d, "seconds": %f, "refused": %d, "failed": %d, "p50_ms": %f, "p99_ms": %f}',
    summary.requests, summary.duration / 1e6, e.status, failed, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
