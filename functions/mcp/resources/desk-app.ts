import type { ReadResourceResult } from '@modelcontextprotocol/sdk/types.js';

/** MCP Apps (SEP-1865, specification 2026-01-26): tools with a screen that a chat's host shows. */
export const APPS = 'io.modelcontextprotocol/ui';
export const DESK_URI = 'ui://agent-payments/desk';

export interface DeskContext {
  /** The payment desk as the build has made it; undefined if it is missing. */
  deskHtml(): string | undefined;
}

/** The desk reaches nobody but its host, and copies what a person asks it to copy. It draws its own ground, not its edge. */
const UI = {
  csp: { connectDomains: [], resourceDomains: [] },
  permissions: { clipboardWrite: {} },
  prefersBorder: true,
};

/** The payment desk as an MCP App. */
export function deskApp(uri: string, { deskHtml }: DeskContext): ReadResourceResult {
  const text = deskHtml();
  if (!text) throw new Error('The desk has no asset.');
  return { contents: [{ uri, mimeType: 'text/html;profile=mcp-app', text, _meta: { ui: UI } }] };
}
