'use strict';
/**
 * Preload for twilio-run: a body that its server cannot read never reaches a Function, and the server would answer with
 * a page of HTML that names files of this machine. Such a request gets an answer in the form that our endpoints have.
 */
const http = require('node:http');

const MESSAGES = { 400: 'The body is not JSON.', 413: 'The body is too large.' };

const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function emitAnswered(event, request, response, ...rest) {
  if (event === 'request') replaceErrorPage(request, response);
  return emit.call(this, event, request, response, ...rest);
};

function replaceErrorPage(request, response) {
  const end = response.end;
  response.end = (...args) => {
    response.end = end;
    const { statusCode: status } = response;
    const isPage = String(response.getHeader('content-type')).startsWith('text/html');
    if (response.headersSent || !isPage || status < 400 || status === 404 || status >= 500)
      return response.end(...args);
    // Otherwise express logs the error, whose text repeats a part of the body.
    request.app?.set('env', 'test');
    const body = JSON.stringify(answerTo(request, status));
    response.removeHeader('content-security-policy');
    response.setHeader('content-type', 'application/json');
    response.setHeader('content-length', Buffer.byteLength(body));
    return response.end(body);
  };
}

/** JSON-RPC for an MCP client (2.0, section 5.1: -32700, invalid JSON), our own form for everybody else. */
function answerTo({ url }, status) {
  const message = MESSAGES[status] ?? 'The body cannot be read.';
  if (!/^\/mcp(?:\?|$)/.test(url)) return { error: { code: 'BAD_REQUEST', message } };
  return { jsonrpc: '2.0', id: null, error: { code: status === 400 ? -32700 : -32600, message } };
}
