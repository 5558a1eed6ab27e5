// Servers that speak HTTP/2 alone and flood who asks them, each on a port of its own.
//
// usage: traps_http2.mjs FOLDER, where good.pem and good.key lie; writes {"name": port} and
// the most connections that were ever open, and ends with its standard input.
// Frames are those of RFC 9113, section 6.

import { readFileSync } from "node:fs";
import { createServer } from "node:tls";

const [, , folder] = process.argv;
const options = {
  cert: readFileSync(`${folder}/good.pem`),
  key: readFileSync(`${folder}/good.key`),
  ALPNProtocols: ["h2"],
};

function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const [HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION] = [1, 3, 4, 6, 8, 9];
const settings = frame(SETTINGS, 0, 0);
const one = Buffer.from([0, 0, 0, 1]);
// ":status: 200" from the table of HPACK (RFC 7541, appendix A).
const ok = Buffer.from([0x88]);
// A literal header that is not indexed: "x: " and 1000 letters.
const long = Buffer.concat([Buffer.from([0x00, 1, 0x78, 0x7f, 0xe9, 0x06]), Buffer.alloc(1000, 0x61)]);

// What is sent first, and then again and again.
const floods = {
  "http2-settings": [[], frame(SETTINGS, 0, 0, Buffer.from([0, 4, 0, 0, 255, 255]))],
  "http2-pings": [[], frame(PING, 0, 0, Buffer.alloc(8))],
  "http2-resets": [[], frame(RST_STREAM, 0, 1, Buffer.from([0, 0, 0, 8]))],
  "http2-continuations": [[frame(HEADERS, 0, 1, ok)], frame(CONTINUATION, 0, 1, long)],
  "http2-window": [[], frame(WINDOW_UPDATE, 0, 0, one)],
};

function serve([first, again]) {
  const many = Buffer.concat(Array(100).fill(again));
  return createServer(options, (socket) => {
    let isOpen = true;
    socket.on("error", () => {});
    socket.on("close", () => (isOpen = false));
    socket.on("data", () => {});
    socket.write(settings);
    // The request has to be there before it can be answered.
    const flood = () => {
      // At most some megabytes a second: the machine has other work too.
      if (isOpen && socket.writableLength < 1_000_000) socket.write(many);
      if (isOpen) setTimeout(flood, 2);
    };
    setTimeout(() => {
      if (!isOpen) return;
      first.forEach((it) => socket.write(it));
      flood();
    }, 50);
  });
}

const ports = {};
for (const [name, flood] of Object.entries(floods)) {
  const server = serve(flood);
  server.on("tlsClientError", () => {});
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  ports[name] = server.address().port;
}
console.log(JSON.stringify(ports));
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
