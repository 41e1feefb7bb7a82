'use strict';
/**
 * The platform's response class and how a Function's result becomes an HTTP response (response page; behaviour beyond
 * it as run with @twilio/runtime-handler 2.1.0).
 */

const COOKIES = 'Set-Cookie';

class Response {
  constructor({ statusCode = 200, body = null, headers = {} } = {}) {
    this.statusCode = statusCode;
    this.body = body;
    this.headers = { ...headers };
    this.headers[COOKIES] = [this.headers[COOKIES] ?? []].flat();
  }

  setStatusCode(statusCode) {
    this.statusCode = statusCode;
    return this;
  }

  setBody(body) {
    this.body = body;
    return this;
  }

  setHeaders(headers) {
    this.headers = { [COOKIES]: [] };
    for (const [name, value] of Object.entries(headers)) this.appendHeader(name, value);
    return this;
  }

  appendHeader(name, value) {
    if (typeof value === 'object' && !Array.isArray(value))
      throw new Error('Header value cannot be an object');
    const key = name.toLowerCase() === COOKIES.toLowerCase() ? COOKIES : name;
    const before = this.headers[key];
    this.headers[key] = before === undefined ? value : [before, value].flat();
    return this;
  }

  setCookie(name, value, attributes = []) {
    return this.appendHeader(COOKIES, [`${name}=${value}`, ...attributes].join(';'));
  }

  removeCookie(name) {
    return this.setCookie(name, '', ['Max-Age=0']);
  }
}

const TWIML = ['VoiceResponse', 'MessagingResponse', 'FaxResponse'];

/** Status, headers and text of what a Function gave to its callback. */
function serialize(error, result, { contentTypeName }) {
  if (error) return failure(error);
  if (result === undefined || result === null) return { statusCode: 200, headers: {}, body: '' };
  if (result instanceof Response) return fromResponse(result, contentTypeName);
  if (typeof result !== 'object') return text(200, 'text/plain', String(result));
  if (TWIML.includes(result.constructor?.name)) return text(200, 'text/xml', result.toString());
  return text(200, 'application/json', JSON.stringify(result));
}

/** An error is a 500 (invocation page). */
function failure(error) {
  const { name = 'Error', message = String(error) } = Object(error);
  return text(500, 'application/json', JSON.stringify({ name, message }));
}

/** JSON is made of any body under a JSON content type, of `null` too, and of an object that has none. */
function fromResponse({ statusCode, headers, body }, contentTypeName) {
  const key =
    contentTypeName === 'exact'
      ? 'Content-Type'
      : Object.keys(headers).find((name) => name.toLowerCase() === 'content-type');
  const isJson = /^application\/json/.test(String(headers[key] ?? ''));
  if (isJson) return { statusCode, headers, body: JSON.stringify(body) };
  if (typeof body === 'object' && body !== null)
    return {
      statusCode,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    };
  return { statusCode, headers, body: body === null || body === undefined ? '' : String(body) };
}

function text(statusCode, type, body) {
  return { statusCode, headers: { 'Content-Type': type }, body };
}

module.exports = { Response, serialize };
