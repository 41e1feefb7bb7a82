import {
  InitializeRequestSchema,
  type JSONRPCRequest,
  type JSONRPCResponse,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js';
import { isRequest, RPC_CODES } from '../json-rpc.ts';
import { type Generation, isRevision, notARevision, unsupportedVersion } from './generation.ts';

/** The revisions before 2026-07-28, which the SDK's server speaks. A buffered answer cannot ask a person anything. */
export const legacy: Generation = {
  refuse(message, headers) {
    const version = headers['mcp-protocol-version'];
    // A handshake says in its body which revision is meant, and some clients send a version beside it.
    const isInitialize = 'method' in message && message.method === 'initialize';
    if (version === undefined || isInitialize || SUPPORTED_PROTOCOL_VERSIONS.includes(version))
      return undefined;
    const id = isRequest(message) ? message.id : null;
    return isRevision(version) ? unsupportedVersion(version, id) : notARevision(id);
  },

  personOf: () => undefined,

  async answer(message, ask) {
    // The SDK would refuse a malformed handshake in words that repeat it.
    const isMalformed =
      isRequest(message) &&
      message.method === 'initialize' &&
      !InitializeRequestSchema.safeParse(message).success;
    return isMalformed ? { response: malformed(message), notifications: [] } : ask(message);
  },
};

function malformed({ id }: JSONRPCRequest): JSONRPCResponse {
  const message =
    'The parameters do not fit the method: initialize needs protocolVersion, capabilities and clientInfo.';
  return { jsonrpc: '2.0', id, error: { code: RPC_CODES.invalidParams, message } };
}
