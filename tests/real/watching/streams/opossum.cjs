// Breakers of opossum whose state opossum-hystrix streams, behind Express.
//
// usage: node opossum.cjs PORT        (with NODE_PATH where the packages are)
//
// GET /call/NAME calls through the breaker of that name, /bank/up and /bank/down switch
// what the bank's breaker calls.
"use strict";

const express = require("express");
const CircuitBreaker = require("opossum");
const HystrixStats = require("opossum-hystrix");

const isUp = { bank: true, mail: true };
const settings = {
  resetTimeout: 3000,
  volumeThreshold: 3,
  errorThresholdPercentage: 50,
  rollingCountTimeout: 5000,
  rollingCountBuckets: 10,
};

async function call(name) {
  if (!isUp[name]) throw new Error(`${name} does not answer`);
  return "done";
}

const breakers = {};
for (const name of Object.keys(isUp)) {
  breakers[name] = new CircuitBreaker(call, { ...settings, name, group: "payments" });
}
const statistics = new HystrixStats(Object.values(breakers));

const app = express();
app.get("/health", (_request, response) => response.json({ status: "UP" }));
app.get("/call/:name", (request, response) => {
  const { name } = request.params;
  breakers[name].fire(name).then(
    (answer) => response.send(answer),
    (error) => response.status(503).send(error.message),
  );
});
app.get("/bank/:state", (request, response) => {
  isUp.bank = request.params.state === "up";
  response.send("as you wish");
});
app.get("/hystrix.stream", (request, response) => {
  response.set("Content-Type", "text/event-stream; charset=utf-8");
  const stream = statistics.getHystrixStream();
  stream.pipe(response);
  request.on("close", () => stream.unpipe(response));
});
app.listen(Number(process.argv[2]), "127.0.0.1");
