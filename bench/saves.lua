-- What wrk sends for saves: each thread has one connection and a document of its own, and says the revision it has seen.
-- BENCH_PATHS and BENCH_BODY name files: a path a line, and the body of every request.

local started = 0

function setup(thread)
  started = started + 1
  thread:set("number", started)
end

function init()
  local line = 0
  for path in io.lines(os.getenv("BENCH_PATHS")) do
    line = line + 1
    if line == number then wrk.path = path end
  end
  wrk.method = "POST"
  wrk.body = io.open(os.getenv("BENCH_BODY")):read("*a")
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["If-Match"] = '"1"'
end

function request()
  return wrk.format()
end

function response(_, headers)
  for name, value in pairs(headers) do
    if name:lower() == "etag" then wrk.headers["If-Match"] = value end
  end
end
