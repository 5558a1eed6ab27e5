/** The program: listens on PORT until it is asked to end. */
import { createApp } from './app.js';
import { design } from './design.js';
import { configure, errorFields, log } from './log.js';
import { addRoutes } from './routes.js';
import { readOrExit } from './settings.js';

/** Milliseconds that requests under way have to end. */
const GRACE_MS = 15_000;

const settings = readOrExit(design);
configure(settings.service, settings.logLevel);
const { app, close } = createApp(design, settings, addRoutes);

const port = Number(process.env.PORT || 3000);
const server = app.listen(port, process.env.HOST || '0.0.0.0', (error) => {
  if (error) {
    log('error', 'the service cannot listen', errorFields(error));
    process.exit(1);
  }
  log('info', `listening on port ${port}`);
});
// Longer than a gateway keeps its connections, so that none is closed under a request.
server.keepAliveTimeout = 75_000;
server.headersTimeout = 80_000;

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    log('info', `ending on ${signal}`);
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    server.close(() => {
      close();
      log('info', 'ended');
      process.exit(0);
    });
    server.closeIdleConnections();
  });
}
