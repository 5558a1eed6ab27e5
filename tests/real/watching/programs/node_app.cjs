// A Node service that calls another through opossum, and ends as terminus lets it.
// Started as `node node_app.cjs PORT`. GET /call calls the bank; /break and /heal say what
// the bank does; /sick and /well what terminus's health check says.
const http = require('node:http');
const CircuitBreaker = require('opossum');
const { createTerminus } = require('@godaddy/terminus');

const bank = { isWell: true };
const self = { isWell: true };
const breaker = new CircuitBreaker(
  async () => {
    if (!bank.isWell) throw new Error('the bank failed');
    return 'charged';
  },
  { name: 'bank', volumeThreshold: 3, errorThresholdPercentage: 50, resetTimeout: 3000 },
);

const server = http.createServer(async (request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  switch (request.url) {
    case '/breakers':
      return answer(200, { bank: breaker.toJSON() });
    case '/call':
      return breaker.fire().then(
        (it) => answer(200, it),
        (error) => answer(error.code === 'EOPENBREAKER' ? 503 : 502, error.message),
      );
    case '/break':
      bank.isWell = false;
      return answer(200, {});
    case '/heal':
      bank.isWell = true;
      return answer(200, {});
    case '/sick':
      self.isWell = false;
      return answer(200, {});
    case '/well':
      self.isWell = true;
      return answer(200, {});
    default:
      return answer(404, {});
  }
});

createTerminus(server, {
  signal: 'SIGTERM',
  // Long enough for whoever asks to see that it is going away.
  beforeShutdown: () => new Promise((resolve) => setTimeout(resolve, 8000)),
  healthChecks: {
    '/health': async () => {
      if (!self.isWell) throw new Error('no disk');
      return { disk: 'fine' };
    },
  },
});
server.listen(Number(process.argv[2]), '127.0.0.1');
