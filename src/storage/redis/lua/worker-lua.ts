/** Whether a process is alive, in Lua. Times are those of the server, so that the clocks of replicas don't count. */
export const isAliveLua = `
local function isAlive(workers, worker)
  local deadAtMs = redis.call("ZSCORE", workers, worker)
  if not deadAtMs then return false end
  local time = redis.call("TIME")
  return tonumber(deadAtMs) > time[1] * 1000 + time[2] / 1000
end
`;
