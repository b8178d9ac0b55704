// openapi-backend answering with the document's first examples: node backend.js DOCUMENT PORT
// Its folder of packages comes by NODE_PATH. Keeps no state; validates requests, not answers.
const fs = require('fs');
const http = require('http');
const { OpenAPIBackend } = require('openapi-backend');

const [, , document, port] = process.argv;

function send(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

const api = new OpenAPIBackend({
  definition: JSON.parse(fs.readFileSync(document)),
  apiRoot: '/v3',
  quick: true, // its check of the document knows OpenAPI 3.0 alone
  handlers: {
    notImplemented: (c, request, response) => {
      const { status, mock } = api.mockResponseForOperation(c.operation.operationId);
      send(response, status, mock);
    },
    validationFail: (c, request, response) => send(response, 400, { error: c.validation.errors }),
    unauthorizedHandler: (c, request, response) => send(response, 401, { error: 'no key' }),
    notFound: (c, request, response) => send(response, 404, { error: 'no such path' }),
    methodNotAllowed: (c, request, response) => send(response, 405, { error: 'no such method' }),
  },
  securityHandlers: { apiKey: (c) => Boolean(c.request.headers.apikey) },
});

function answer(request, response, body) {
  const { method, url: path, headers } = request;
  api.handleRequest({ method, path, headers, body }, request, response)
    .catch((error) => send(response, 500, { error: String(error) }));
}

api.init().then(() => {
  http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => answer(request, response, Buffer.concat(parts).toString() || undefined));
  }).listen(Number(port), '127.0.0.1');
});
