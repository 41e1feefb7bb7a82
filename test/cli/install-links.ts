const NAME = 'agent-pay';
/** Asks for the token once and keeps it (https://code.visualstudio.com/docs/copilot/reference/mcp-configuration). */
const INPUT = {
  id: 'agent-pay-token',
  type: 'promptString',
  description: 'Token of agent-pay',
  password: true,
};

/**
 * Adds the server to VS Code, which then asks for its token. A redirect, because pages such as GitHub's show no links of
 * other schemes. The text behind `?` is JSON with name, inputs and the server's entry, as VS Code's URL handler reads it.
 */
export function vsCodeLink(mcpUrl: string): string {
  const headers = { Authorization: `Bearer \${input:${INPUT.id}}` };
  const entry = { name: NAME, type: 'http', url: mcpUrl, headers, inputs: [INPUT] };
  const link = `vscode:mcp/install?${encodeURIComponent(JSON.stringify(entry))}`;
  return `https://insiders.vscode.dev/redirect?url=${encodeURIComponent(link)}`;
}

/** Adds the server to Cursor, which reads its token from `PAY_TOKEN` (https://cursor.com/docs/mcp/install-links). */
export function cursorLink(mcpUrl: string): string {
  const entry = { url: mcpUrl, headers: { Authorization: `Bearer \${env:PAY_TOKEN}` } };
  const config = encodeURIComponent(Buffer.from(JSON.stringify(entry)).toString('base64'));
  return `https://cursor.com/en/install-mcp?name=${NAME}&config=${config}`;
}

/** Both links, to print. */
export function installLines(mcpUrl: string): string {
  return `One click (VS Code asks for the token, Cursor takes it from PAY_TOKEN):
  ${vsCodeLink(mcpUrl)}
  ${cursorLink(mcpUrl)}`;
}
