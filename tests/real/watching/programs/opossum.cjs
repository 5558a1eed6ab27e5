// A service whose breaker is opossum, told of by opossum-prometheus.
//
// usage: NODE_PATH=… node opossum.cjs HOST PORT
//
// It calls what it depends on ten times a second. GET /break and /heal change whether that
// answers; GET /metrics and /health are what a service has.
const http = require('node:http');
const CircuitBreaker = require('opossum');
const PrometheusMetrics = require('opossum-prometheus');
const { Registry } = require('prom-client');

const [host, port] = process.argv.slice(2);
let isBroken = false;

async function charge() {
  if (isBroken) throw new Error('no answer');
}

const breaker = new CircuitBreaker(charge, {
  name: 'bank', errorThresholdPercentage: 50, resetTimeout: 3000, rollingCountTimeout: 1000, volumeThreshold: 4,
});
const idle = new CircuitBreaker(charge, { name: 'mail' });
const registry = new Registry();
new PrometheusMetrics({ circuits: [breaker, idle], registry });
setInterval(() => breaker.fire().catch(() => {}), 100);

http.createServer(async (request, response) => {
  if (request.url === '/metrics') {
    response.setHeader('Content-Type', registry.contentType);
    response.end(await registry.metrics());
    return;
  }
  if (request.url === '/break' || request.url === '/heal') isBroken = request.url === '/break';
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ status: 'UP', open: breaker.opened }));
}).listen(Number(port), host);
